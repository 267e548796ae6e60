namespace GenApi.Tests.Doors.OpenAi;

/// <summary>One service for tests that only read what they have made.</summary>
public sealed class DoorHouse : IAsyncLifetime
{
    internal GenApiApp App { get; private set; } = null!;

    public async ValueTask InitializeAsync() => App = await GenApiApp.StartAsync();

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
