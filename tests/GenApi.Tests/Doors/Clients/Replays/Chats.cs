using static GenApi.Tests.Doors.Clients.Replays.ReplayedProgram;

namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>LobeChat, big-AGI and NextChat.</summary>
internal static class Chats
{
    private const string Lobe = "LobeChat", BigAgi = "big-AGI", Next = "NextChat";

    private const string Boundary = "----formdata-undici-039845729384";

    public static IEnumerable<ReplayedProgram> Programs =>
    [
        // It passes whatever parameters its own list of models has.
        new(Lobe, "its own parameters", target => ReplayRequest.Json(target, "/images/generations", Headers.OpenAiNode,
            """{"model":"sdxl","n":1,"prompt":"{prompt}","seed":7,"steps":12,"cfg":4.5,"width":128,"height":192}"""), ReadEitherAsync),
        new(Lobe, "an aspect ratio", target => ReplayRequest.Json(target, "/images/generations", Headers.OpenAiNode,
            """{"model":"flux-schnell","n":1,"prompt":"{prompt}","aspectRatio":"16:9","seed":7}"""), ReadEitherAsync),
        new(Lobe, "DALL-E 3", target => ReplayRequest.Json(target, "/images/generations", Headers.OpenAiNode,
            """{"model":"dall-e-3","n":1,"response_format":"b64_json","prompt":"{prompt}","size":"1024x1024","quality":"standard"}"""),
            ReadEitherAsync),
        new(Lobe, "an edit", target => ReplayRequest.Form(target, "/images/edits", Headers.OpenAiNode.WithForm(), Boundary,
            Field("model", "gpt-image-1"), Field("n", "1"), Field("input_fidelity", "high"), Field("prompt", "{prompt}"),
            ("Content-Disposition: form-data; name=\"image\"; filename=\"image.png\"\nContent-Type: image/png", target.Picture)),
            ReadEitherAsync),
        new(BigAgi, "a picture", target => ReplayRequest.Json(target, "/v1/images/generations", Headers.NodeFetch,
            """{"prompt":"{prompt}","model":"gpt-image-1","n":1,"quality":"high","size":"1024x1024","background":"auto","""
            + "\"output_format\":\"png\",\"moderation\":\"low\",\"user\":\"Big-AGI\"}"),
            ReadBase64Async),
        new(Next, "a picture", target => ReplayRequest.Json(target, "/v1/images/generations", Headers.NodeFetch,
            """{"model":"dall-e-3","prompt":"{prompt}","response_format":"b64_json","n":1,"size":"1024x1024","""
            + "\"quality\":\"standard\",\"style\":\"vivid\"}"), ReadEitherAsync),
    ];

    private static (string, object) Field(string name, string value) => ($"Content-Disposition: form-data; name=\"{name}\"", value);

    /// <summary>They take base64 for PNG and pass a link on to a browser, which has no key.</summary>
    private static async Task<IReadOnlyList<ReplayedPicture>> ReadEitherAsync(Answer answer, ReplayTarget target)
    {
        var first = Items(answer)[0];
        if (Member(first, "b64_json") is { } text)
            return [new(Convert.FromBase64String(text), "image/png")];
        var (bytes, type) = await ReplayTarget.FetchAsync(first.GetProperty("url").GetString()!);
        return [new(bytes, type!)];
    }

    /// <summary>A link is an error there.</summary>
    private static Task<IReadOnlyList<ReplayedPicture>> ReadBase64Async(Answer answer, ReplayTarget target) =>
        Task.FromResult(AllBase64(answer, "image/png"));
}
