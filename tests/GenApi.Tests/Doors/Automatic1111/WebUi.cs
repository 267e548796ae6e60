using System.Text;
using System.Text.Json;
using GenApi.Core.Images.Metadata.Reading;

namespace GenApi.Tests.Doors.Automatic1111;

/// <summary>Requests as clients of AUTOMATIC1111's web UI send them.</summary>
internal static class WebUi
{
    public const string Text = "/sdapi/v1/txt2img", Image = "/sdapi/v1/img2img", Options = "/sdapi/v1/options";

    /// <summary>HTTP Basic with a key as the password.</summary>
    public static (string, string) Basic(string secret, string user = "anyone") =>
        ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret}"))}");

    /// <summary>Returns the bytes of an image in an answer.</summary>
    public static byte[] Picture(this Answer answer, int index = 0)
    {
        Assert.True(answer.Status == 200, $"{answer.Status} {answer.Text[..Math.Min(answer.Text.Length, 2000)]}");
        return Convert.FromBase64String(answer["images"][index].GetString()!);
    }

    /// <summary>Reads the JSON inside the string <c>info</c>.</summary>
    public static JsonElement Info(this Answer answer)
    {
        Assert.True(answer.Status == 200, $"{answer.Status} {answer.Text[..Math.Min(answer.Text.Length, 2000)]}");
        return JsonElement.Parse(answer["info"].GetString()!);
    }

    /// <summary>Reads the settings inside an image, as image tools do.</summary>
    public static PictureSettings Settings(byte[] picture) => SettingsReader.Read(picture)!;

    /// <summary>Reads the input of the first generation behind an answer.</summary>
    public static async Task<JsonElement> SentAsync(this GenApiApp app, Answer answer)
    {
        var id = answer.Info().GetProperty("genapi").GetProperty("generations")[0].GetString();
        return (await app.GetAsync($"/generations/{id}"))["input"];
    }

    public static string[] Ignored(this Answer answer) =>
        [.. answer.Info().GetProperty("genapi").GetProperty("ignored").EnumerateArray().Select(each => each.GetString()!)];

    /// <summary>Checks the web UI's form of an error, and that nothing was paid for.</summary>
    public static void AssertRefused(GenApiApp app, Answer answer, int status, string detail)
    {
        Assert.True(answer.Status == status, $"{answer.Status} {answer.Text[..Math.Min(answer.Text.Length, 2000)]}");
        Assert.Contains(detail, answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.Contains(detail, answer["errors"].GetString(), StringComparison.Ordinal);
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
    }
}
