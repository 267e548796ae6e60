using System.Text.Json;

namespace GenApi.Tests.Doors.OpenAi;

/// <summary>Short words for calls of the Images API.</summary>
internal static class ImagesDoor
{
    public const string Path = "/v1/images/generations";

    public static readonly byte[] Png = [0x89, (byte)'P', (byte)'N', (byte)'G'];

    public static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF];

    public static readonly byte[] WebP = [(byte)'R', (byte)'I', (byte)'F', (byte)'F'];

    /// <summary>Posts a body and expects images.</summary>
    public static async Task<Answer> ImagesAsync(this GenApiApp app, object body, params (string Name, string Value)[] headers)
    {
        var answer = await app.PostAsync(Path, body, headers);
        Assert.True(answer.Status == 200, $"{answer.Status} {answer.Text[..Math.Min(answer.Text.Length, 2_000)]}");
        return answer;
    }

    /// <summary>Returns the items of an answer. Each must have one member only.</summary>
    public static List<JsonProperty> Data(this Answer answer) =>
        [.. answer["data"].EnumerateArray().Select(item => Assert.Single(item.EnumerateObject()))];

    /// <summary>Returns the bytes of an item with base64.</summary>
    public static byte[] Bytes(this Answer answer, int index = 0)
    {
        var item = answer.Data()[index];
        Assert.Equal("b64_json", item.Name);
        return item.Value.GetBytesFromBase64();
    }

    /// <summary>Returns the generations that an answer names.</summary>
    public static string[] Generations(this Answer answer) => answer.Header("Genapi-Generations")!.Split(", ");

    /// <summary>Returns what a generation sent to its model.</summary>
    public static async Task<JsonElement> InputAsync(this GenApiApp app, Answer answer, int index = 0) =>
        (await app.GetAsync($"/generations/{answer.Generations()[index]}"))["input"];

    /// <summary>Checks an error object of OpenAI's form.</summary>
    public static void AssertError(this Answer answer, int status, string type, string code, string? param)
    {
        Assert.True(answer.Status == status, $"{answer.Status} {answer.Text}");
        Assert.Equal(type, answer["error", "type"].GetString());
        Assert.Equal(code, answer["error", "code"].GetString());
        Assert.Equal(param, answer["error", "param"].GetString());
        Assert.NotEmpty(answer["error", "message"].GetString()!);
    }
}
