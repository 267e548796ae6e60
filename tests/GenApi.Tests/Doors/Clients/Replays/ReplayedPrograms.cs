namespace GenApi.Tests.Doors.Clients.Replays;

internal static class ReplayedPrograms
{
    public static IReadOnlyList<ReplayedProgram> All { get; } =
        [.. OpenWebUi.Programs, .. LibreChat.Programs, .. Automations.Programs, .. Chats.Programs, .. Dify.Programs, .. Pythons.Programs];
}
