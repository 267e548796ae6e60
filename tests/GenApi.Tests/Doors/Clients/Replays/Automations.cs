using static GenApi.Tests.Doors.Clients.Replays.ReplayedProgram;

namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>n8n and Nextcloud.</summary>
internal static class Automations
{
    private const string N8n = "n8n, OpenAI credential", Nextcloud = "Nextcloud, OpenAI integration";

    private const string Boundary = "--------------------------083729465018273645091827";

    private const string Guzzle =
        """
        Host: {host}
        User-Agent: Nextcloud OpenAI/LocalAI integration
        Authorization: Bearer {key}
        Content-Type: application/json
        Accept-Encoding: gzip
        Content-Length: {length}
        """;

    public static IEnumerable<ReplayedProgram> Programs =>
    [
        new(N8n, "the model of its list", target => ReplayRequest.Json(target, "/images/generations", Headers.Axios,
            """{"prompt":"{prompt}","model":"gpt-image-1-mini","n":1,"size":"1024x1024"}"""), ReadListedAsync),
        new(N8n, "DALL-E 3", target => ReplayRequest.Json(target, "/images/generations", Headers.Axios,
            """{"prompt":"{prompt}","model":"dall-e-3","response_format":"b64_json","quality":"hd","style":"natural"}"""),
            ReadBase64Async),
        new(N8n, "an edit", target => ReplayRequest.Form(target, "/images/edits", Headers.Axios.WithForm(), Boundary,
            File("image[]", target.Picture), Field("prompt", "{prompt}"), Field("model", "gpt-image-1"), Field("n", "1"),
            Field("size", "256x256"), Field("user", "ann"), Field("background", "opaque"), Field("input_fidelity", "high"),
            Field("output_format", "png"), Field("output_compression", "100"), Field("quality", "auto")), ReadBase64Async),
        new(N8n, "an edit by DALL-E 2", target => ReplayRequest.Form(target, "/images/edits", Headers.Axios.WithForm(), Boundary,
            File("image", target.Picture), Field("prompt", "{prompt}"), Field("model", "dall-e-2"), Field("n", "1"),
            Field("size", "256x256"), Field("response_format", "b64_json"), File("mask", target.Mask)), ReadBase64Async),
        new(Nextcloud, "twelve pictures", target => ReplayRequest.Json(target, "/images/generations", Guzzle,
            """{"prompt":"{prompt}","size":"128x128","n":12,"model":"stability-ai\/sdxl"}"""), ReadBothAsync) { Count = 12 },
        new(Nextcloud, "its default", target => ReplayRequest.Json(target, "/images/generations", Guzzle,
            """{"prompt":"{prompt}","size":"1024x1024","n":1,"model":"gpt-image-1-mini"}"""), ReadBothAsync),
    ];

    private static (string, object) Field(string name, string value) => ($"Content-Disposition: form-data; name=\"{name}\"", value);

    private static (string, object) File(string name, byte[] bytes) =>
        ($"Content-Disposition: form-data; name=\"{name}\"; filename=\"data.png\"\nContent-Type: image/png", bytes);

    /// <summary>Its picker offers only the names that hold dall-e or gpt-image.</summary>
    private static async Task<IReadOnlyList<ReplayedPicture>> ReadListedAsync(Answer answer, ReplayTarget target)
    {
        var list = await SendAsync(target, ReplayRequest.Get(target, "/models", Headers.Axios));
        Assert.Contains("gpt-image-1-mini", list["data"].EnumerateArray().Select(model => model.GetProperty("id").GetString()));
        return await ReadBase64Async(answer, target);
    }

    private static Task<IReadOnlyList<ReplayedPicture>> ReadBase64Async(Answer answer, ReplayTarget target) =>
        Task.FromResult(AllBase64(answer, "image/png"));

    /// <summary>Every link and every base64 text becomes a picture, so an item with both would become two.</summary>
    private static async Task<IReadOnlyList<ReplayedPicture>> ReadBothAsync(Answer answer, ReplayTarget target)
    {
        var pictures = new List<ReplayedPicture>();
        foreach (var url in Items(answer).Select(item => Member(item, "url")).OfType<string>())
            pictures.Add(new((await ReplayTarget.FetchAsync(url)).Bytes, "image/png"));
        pictures.AddRange(Items(answer).Select(item => Member(item, "b64_json")).OfType<string>()
            .Select(text => new ReplayedPicture(Convert.FromBase64String(text), "image/png")));
        return pictures;
    }
}
