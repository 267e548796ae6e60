using System.Text.Json;

namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>A picture that a program has found in an answer.</summary>
/// <param name="Label">The media type that the program takes it for.</param>
internal sealed record ReplayedPicture(byte[] Bytes, string Label);

/// <summary>What a program sent and found.</summary>
internal sealed record ReplayResult(ReplayRequest Request, Answer Answer, IReadOnlyList<ReplayedPicture> Pictures);

/// <summary>A program that does not run here: its request byte for byte, and its way of reading the answer, written by us.</summary>
/// <param name="Have">Its row in the README's table.</param>
/// <param name="What">What it does.</param>
/// <param name="Request">The request that asks for the pictures.</param>
/// <param name="Read">Finds the pictures, and throws where the program would show an error.</param>
internal sealed record ReplayedProgram(
    string Have,
    string What,
    Func<ReplayTarget, ReplayRequest> Request,
    Func<Answer, ReplayTarget, Task<IReadOnlyList<ReplayedPicture>>> Read)
{
    /// <summary>The number of pictures that its user asks for.</summary>
    public int Count { get; init; } = 1;

    public async Task<ReplayResult> RunAsync(ReplayTarget target)
    {
        var request = Request(target);
        var answer = await SendAsync(target, request);
        return new(request, answer, await Read(answer, target));
    }

    /// <summary>Sends exactly these bytes on a separate connection.</summary>
    public static async Task<Answer> SendAsync(ReplayTarget target, ReplayRequest request)
    {
        var ended = TestContext.Current.CancellationToken;
        using var connection = await RawConnection.OpenAsync(target.Base, ended);
        await connection.SendAsync(request.Bytes, ended);
        return await connection.ReadAsync(hasBody: true, leavesStreams: false, ended)
            ?? throw new InvalidDataException("The connection was closed without an answer.");
    }

    /// <summary>The items of an OpenAI answer. A program shows the error's message, or the bare status.</summary>
    public static IReadOnlyList<JsonElement> Items(Answer answer) =>
        answer.Status == 200 ? [.. answer["data"].EnumerateArray()] : throw new InvalidDataException($"{answer.Status} {answer.Text}");

    /// <summary>Every item's base64, labelled so.</summary>
    public static IReadOnlyList<ReplayedPicture> AllBase64(Answer answer, string label) =>
    [
        .. Items(answer).Select(item => item.GetProperty("b64_json").GetString()!)
            .Select(text => new ReplayedPicture(Convert.FromBase64String(text), label)),
    ];

    public static string? Member(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
