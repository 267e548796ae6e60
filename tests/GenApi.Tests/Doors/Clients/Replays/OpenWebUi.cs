using static GenApi.Tests.Doors.Clients.Replays.ReplayedProgram;

namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>Open WebUI: its engines OpenAI and Automatic1111, and its edits.</summary>
internal static class OpenWebUi
{
    private const string Engine = "Open WebUI, engine OpenAI", WebUi = "Open WebUI, engine Automatic1111";

    private const string Boundary = "8f1d0b6f4e0c4f0aa6f0d6b1f7b8c9d0";

    public static IEnumerable<ReplayedProgram> Programs =>
    [
        // A name that is not gpt-image… gets a response_format, which many gateways refuse there.
        new(Engine, "a model of ours", target => ReplayRequest.Json(target, "/images/generations", Headers.AioHttp,
            """{"model": "sdxl", "prompt": "{prompt}", "n": 1, "size": "128x128", "response_format": "b64_json"}"""), ReadAsync),
        new(Engine, "a name of OpenAI's", target => ReplayRequest.Json(
            target, "/images/generations?api-version=2025-04-01", Headers.AioHttp,
            """{"model": "gpt-image-1-mini", "prompt": "{prompt}", "n": 1, "size": "auto"}"""), ReadAsync),
        // The administrator's own parameters go into the body; here they ask for links.
        new(Engine, "links", target => ReplayRequest.Json(target, "/images/generations", Headers.AioHttp,
            """{"model": "sdxl", "prompt": "{prompt}", "n": 1, "size": "128x128", "response_format": "url", "steps": 10}"""), ReadAsync),
        new(Engine, "an edit of one picture", target => Edit(target, ("image", "one")), ReadAsync),
        new(Engine, "an edit of a list of one", target => Edit(target, ("image[]", "one")), ReadAsync),
        new(WebUi, "txt2img", target => ReplayRequest.Json(target, "/sdapi/v1/txt2img", Basic,
            """{"prompt": "{prompt}", "batch_size": 1, "width": 128, "height": 128, "steps": 12, "negative_prompt": "blurry"}"""),
            ReadWebUiAsync),
    ];

    private static string Basic =>
        Headers.AioHttp.Replace("Authorization: Bearer {key}", "authorization: Basic {basic}", StringComparison.Ordinal);

    private static ReplayRequest Edit(ReplayTarget target, params (string Name, string File)[] files) =>
        ReplayRequest.Form(target, "/images/edits", Headers.AioHttp.WithForm(), Boundary,
        [
            Field("model", "sdxl"), Field("prompt", "{prompt}"), Field("n", "1"), Field("size", "128x128"),
            Field("response_format", "b64_json"),
            .. files.Select(file => (
                $"Content-Type: image/png\nContent-Disposition: form-data; name=\"{file.Name}\"; filename=\"{file.File}.png\"",
                (object)target.Picture)),
        ]);

    private static (string, object) Field(string name, string value) =>
        ($"Content-Type: text/plain; charset=utf-8\nContent-Disposition: form-data; name=\"{name}\"", value);

    /// <summary>It prefers a link, fetches it with the same authorization, and stores nothing that does not say it is an image.</summary>
    private static async Task<IReadOnlyList<ReplayedPicture>> ReadAsync(Answer answer, ReplayTarget target)
    {
        var pictures = new List<ReplayedPicture>();
        foreach (var item in Items(answer))
        {
            if (Member(item, "url") is { } url)
            {
                var (bytes, type) = await ReplayTarget.FetchAsync(url, $"Bearer {target.Key}");
                Assert.StartsWith("image/", type, StringComparison.Ordinal);
                pictures.Add(new(bytes, type!));
            }
            else
            {
                pictures.Add(new(Convert.FromBase64String(item.GetProperty("b64_json").GetString()!), "image/png"));
            }
        }
        return pictures;
    }

    /// <summary>It asks for the chosen model first, takes each text before a comma for a data URI's head, and keeps <c>info</c>.</summary>
    private static async Task<IReadOnlyList<ReplayedPicture>> ReadWebUiAsync(Answer answer, ReplayTarget target)
    {
        var options = await SendAsync(target, ReplayRequest.Get(target, "/sdapi/v1/options", Basic));
        Assert.NotEmpty(options["sd_model_checkpoint"].GetString()!);
        Assert.True(answer.Status == 200, answer.Text);
        Assert.True(answer["info"].ValueKind is System.Text.Json.JsonValueKind.String);
        return
        [
            .. answer["images"].EnumerateArray()
                .Select(image => new ReplayedPicture(Convert.FromBase64String(image.GetString()!), "image/png")),
        ];
    }
}
