using System.Text.RegularExpressions;
using static GenApi.Tests.Doors.Clients.Replays.ReplayedProgram;

namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>LibreChat's two tools.</summary>
internal static partial class LibreChat
{
    private const string Tools = "LibreChat, OpenAI Image Tools", Dalle = "LibreChat, DALL-E-3";

    private const string Boundary = "--------------------------410254698031276540837641";

    /// <summary>The files are streams, so the length of the body is unknown.</summary>
    private static string Form =>
        Headers.Axios.WithForm().Replace("Content-Length: {length}", "Transfer-Encoding: chunked", StringComparison.Ordinal);

    public static IEnumerable<ReplayedProgram> Programs =>
    [
        new(Tools, "a picture", target => ReplayRequest.Json(target, "/images/generations", Headers.OpenAiNode,
            """{"model":"gpt-image-1","prompt":"{prompt}","n":1,"background":"auto","output_format":"png","quality":"auto","""
            + "\"size\":\"auto\"}"),
            (answer, _) => ReadAsync(answer, "png")),
        new(Tools, "a webp", target => ReplayRequest.Json(target, "/images/generations", Headers.OpenAiNode,
            """{"model":"gpt-image-1-mini","prompt":"{prompt}","n":1,"background":"auto","output_format":"webp","output_compression":80,"""
            + "\"quality\":\"high\",\"size\":\"1024x1024\"}"),
            (answer, _) => ReadAsync(answer, "webp")),
        new(Tools, "an edit", target => ReplayRequest.Form(target, "/images/edits", Form, Boundary,
            Field("model", "gpt-image-1"), Field("prompt", "{prompt}"), Field("quality", "auto"), Field("size", "auto"),
            ("Content-Disposition: form-data; name=\"image[]\"; filename=\"fox.png\"\nContent-Type: image/png", target.Picture)),
            (answer, _) => ReadAsync(answer, "png")),
        new(Dalle, "a picture", target => ReplayRequest.Json(target, "/images/generations", Headers.OpenAiNode,
            """{"model":"dall-e-3","quality":"standard","style":"vivid","size":"1024x1024","prompt":"{prompt}","n":1}"""), ReadLinkAsync),
    ];

    private static (string, object) Field(string name, string value) => ($"Content-Disposition: form-data; name=\"{name}\"", value);

    /// <summary>It reads base64 only and labels it with the format that it asked for.</summary>
    private static Task<IReadOnlyList<ReplayedPicture>> ReadAsync(Answer answer, string format) =>
        Task.FromResult<IReadOnlyList<ReplayedPicture>>(
            [new(Convert.FromBase64String(Items(answer)[0].GetProperty("b64_json").GetString()!), $"image/{format}")]);

    /// <summary>It reads a link only, names its file by the end of the link's path, and downloads without a key.</summary>
    private static async Task<IReadOnlyList<ReplayedPicture>> ReadLinkAsync(Answer answer, ReplayTarget target)
    {
        var url = Items(answer)[0].GetProperty("url").GetString()!;
        var extension = Extension().Match(new Uri(url).AbsolutePath).Groups[1].Value;
        var (bytes, type) = await ReplayTarget.FetchAsync(url);
        Assert.Equal(type, $"image/{extension.Replace("jpg", "jpeg", StringComparison.Ordinal)}");
        return [new(bytes, type!)];
    }

    [GeneratedRegex(@"[\w-]+\.(\w+)$")]
    private static partial Regex Extension();
}
