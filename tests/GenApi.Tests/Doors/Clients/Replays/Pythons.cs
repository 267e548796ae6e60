using static GenApi.Tests.Doors.Clients.Replays.ReplayedProgram;

namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>Python's replicate in its versions 1 and 0, and openai. No registry of Python packages is part of the tests.</summary>
internal static class Pythons
{
    private const string Replicate = "Replicate's client for Python", OpenAi = "OpenAI's client for Python";

    private const string Httpx =
        """
        Host: {host}
        Accept: */*
        Accept-Encoding: gzip, deflate
        Connection: keep-alive
        User-Agent: replicate-python/1.0.7
        Authorization: Bearer {key}
        Prefer: wait
        Content-Length: {length}
        Content-Type: application/json
        """;

    private static readonly string Old = Httpx
        .Replace("replicate-python/1.0.7", "replicate-python/0.25.1", StringComparison.Ordinal)
        .Replace("Authorization: Bearer", "Authorization: Token", StringComparison.Ordinal)
        .Replace("Prefer: wait\n", "", StringComparison.Ordinal);

    private const string Sdxl =
        """{"version":"39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b","input":{"prompt":"{prompt}","""
        + "\"width\":128,\"height\":128,\"seed\":42}}";

    public static IEnumerable<ReplayedProgram> Programs =>
    [
        new(Replicate, "version 1, by version", target => ReplayRequest.Json(target, "/v1/predictions", Httpx, Sdxl), ReadFilesAsync),
        new(Replicate, "version 1, by name", target => ReplayRequest.Json(
            target, "/v1/models/black-forest-labs/flux-schnell/predictions", Httpx, """{"input":{"prompt":"{prompt}","num_outputs":1}}"""),
            ReadFilesAsync),
        new(Replicate, "version 0", target => ReplayRequest.Json(target, "/v1/predictions", Old, Sdxl), PollAsync),
        new(OpenAi, "a picture", target => ReplayRequest.Json(
            target, "/images/generations", Headers.OpenAiPython, """{"prompt":"{prompt}","model":"gpt-image-1","size":"1024x1024"}"""),
            (answer, _) => Task.FromResult(AllBase64(answer, "image/png"))),
    ];

    /// <summary>A finished answer is final. File objects are made of data: and of https:, and their read() gives the bytes.</summary>
    private static Task<IReadOnlyList<ReplayedPicture>> ReadFilesAsync(Answer answer, ReplayTarget target)
    {
        Assert.True(answer.Status == 201, answer.Text);
        Assert.Equal("succeeded", answer.State);
        return Task.FromResult<IReadOnlyList<ReplayedPicture>>([.. answer["output"].EnumerateArray().Select(output =>
        {
            var text = output.GetString()!;
            Assert.StartsWith("data:", text, StringComparison.Ordinal);
            var (head, content) = text.Split(',') is [var left, var right] ? (left, right) : throw new InvalidDataException(text);
            return new ReplayedPicture(Convert.FromBase64String(content), head[5..].Split(';')[0]);
        })]);
    }

    /// <summary>It asks for the prediction by its id until it has ended, and gives links, which a script then fetches.</summary>
    private static async Task<IReadOnlyList<ReplayedPicture>> PollAsync(Answer answer, ReplayTarget target)
    {
        Assert.True(answer.Status == 201, answer.Text);
        for (var patience = 600; answer.State is "starting" or "processing" && patience > 0; patience--)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            answer = await SendAsync(target, ReplayRequest.Get(target, $"/v1/predictions/{answer.Id}", Old));
        }
        Assert.Equal("succeeded", answer.State);
        var (bytes, type) = await ReplayTarget.FetchAsync(answer["output"][0].GetString()!);
        return [new(bytes, type!)];
    }
}
