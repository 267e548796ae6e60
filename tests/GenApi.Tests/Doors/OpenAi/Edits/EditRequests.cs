using System.Net.Http.Headers;
using System.Text.Json;

namespace GenApi.Tests.Doors.OpenAi.Edits;

/// <summary>Forms as clients of the Images API send them.</summary>
internal static class EditRequests
{
    public const string EditsPath = "/v1/images/edits", VariationsPath = "/v1/images/variations";

    private static int _sent;

    /// <summary>A part of a form: a text, or a file if it has bytes.</summary>
    public static (string Name, string? Text, byte[]? File) Text(string name, string text) => (name, text, null);

    public static (string Name, string? Text, byte[]? File) File(string name, byte[] bytes) => (name, null, bytes);

    /// <summary>Sends a form. Every one has its own boundary and its own file names.</summary>
    public static Task<Answer> FormAsync(this GenApiApp app, string path, params (string Name, string? Text, byte[]? File)[] parts) =>
        app.SendAsync(HttpMethod.Post, path, FormOf(parts));

    public static MultipartFormDataContent FormOf(params (string Name, string? Text, byte[]? File)[] parts)
    {
        var number = Interlocked.Increment(ref _sent);
        var form = new MultipartFormDataContent($"----form-{number}");
        foreach (var (name, text, file) in parts)
        {
            if (file is null)
                form.Add(new StringContent(text!), $"\"{name}\"");
            else
            {
                var content = new ByteArrayContent(file);
                content.Headers.ContentType = MediaTypeHeaderValue.Parse("image/png");
                form.Add(content, $"\"{name}\"", $"\"{number}-{name.Length}.png\"");
            }
        }
        return form;
    }

    /// <summary>Returns the bytes of an image in an answer.</summary>
    public static byte[] Picture(this Answer answer, int index = 0)
    {
        Assert.True(answer.Status == 200, $"{answer.Status} {answer.Text[..Math.Min(answer.Text.Length, 2000)]}");
        return Convert.FromBase64String(answer["data"][index].GetProperty("b64_json").GetString()!);
    }

    /// <summary>Reads the input of the generation behind an answer.</summary>
    public static async Task<JsonElement> InputAsync(this GenApiApp app, Answer answer)
    {
        Assert.True(answer.Status == 200, $"{answer.Status} {answer.Text[..Math.Min(answer.Text.Length, 2000)]}");
        var id = answer.Header("Genapi-Generations")!.Split(", ")[0];
        return (await app.GetAsync($"/generations/{id}"))["input"];
    }

    /// <summary>Checks OpenAI's error object, and that nothing was paid for.</summary>
    public static void AssertRefused(GenApiApp app, Answer answer, int status, string param, string sentence)
    {
        Assert.True(answer.Status == status, $"{answer.Status} {answer.Text[..Math.Min(answer.Text.Length, 2000)]}");
        Assert.Equal(param, answer["error", "param"].GetString());
        Assert.Contains(sentence, answer["error", "message"].GetString(), StringComparison.Ordinal);
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
    }
}
