using static GenApi.Tests.Doors.Clients.Replays.ReplayedProgram;

namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>Dify's tools for OpenAI, on Python's openai, and for GPUStack, on requests. Both add <c>/v1</c> to the address.</summary>
internal static class Dify
{
    private const string OpenAi = "Dify, OpenAI tools", GpuStack = "Dify, GPUStack tools";

    private const string Boundary = "d3f0a1b2c3d4e5f60718293a4b5c6d7e";

    public static IEnumerable<ReplayedProgram> Programs =>
    [
        new(OpenAi, "a picture", target => ReplayRequest.Json(target, "/v1/images/generations", Headers.OpenAiPython,
            """{"prompt":"{prompt}","background":"opaque","model":"gpt-image-1","moderation":"low","n":1,"output_format":"jpeg","""
            + "\"quality\":\"high\",\"size\":\"1024x1024\"}"),
            (answer, _) => ReadWithUsageAsync(answer, "image/jpeg")),
        new(OpenAi, "DALL-E 3", target => ReplayRequest.Json(target, "/v1/images/generations", Headers.OpenAiPython,
            """{"prompt":"{prompt}","model":"dall-e-3","n":1,"quality":"standard","response_format":"b64_json","size":"1024x1024","""
            + "\"style\":\"vivid\"}"),
            (answer, _) => ReadAsync(answer, "image/png")),
        new(OpenAi, "an edit with a mask", target => ReplayRequest.Form(
            target, "/v1/images/edits", Headers.OpenAiPython.WithForm(), Boundary,
            Field("prompt", "{prompt}"), Field("model", "gpt-image-1"), Field("n", "1"), Field("size", "1024x1024"),
            File("image", target.Picture), File("mask", target.Mask)), (answer, _) => ReadWithUsageAsync(answer, "image/png")),
        new(OpenAi, "an edit of a list", target => ReplayRequest.Form(
            target, "/v1/images/edits", Headers.OpenAiPython.WithForm(), Boundary,
            Field("prompt", "{prompt}"), Field("model", "gpt-image-1"), Field("n", "1"), File("image[]", target.Picture)),
            (answer, _) => ReadWithUsageAsync(answer, "image/png")),
        new(GpuStack, "a picture", target => ReplayRequest.Json(target, "/v1/images/generations", Headers.Requests,
            """{"model": "sdxl", "prompt": "{prompt}", "n": 1, "size": "128x128", "seed": 7, "cfg_scale": 4.5, "sampling_steps": 12, """
            + "\"negative_prompt\": \"blurry\"}"),
            (answer, _) => ReadAsync(answer, "image/png")),
    ];

    private static (string, object) Field(string name, string value) => ($"Content-Disposition: form-data; name=\"{name}\"", value);

    private static (string, object) File(string name, byte[] bytes) =>
        ($"Content-Disposition: form-data; name=\"{name}\"; filename=\"input.png\"\nContent-Type: image/png", bytes);

    /// <summary>It reads five counts before the picture, with no test for their absence.</summary>
    private static Task<IReadOnlyList<ReplayedPicture>> ReadWithUsageAsync(Answer answer, string label)
    {
        if (answer.Status == 200)
        {
            Assert.All(["total_tokens", "input_tokens", "output_tokens"], name => answer["usage", name].GetInt32());
            Assert.All(["text_tokens", "image_tokens"], name => answer["usage", "input_tokens_details", name].GetInt32());
        }
        return ReadAsync(answer, label);
    }

    /// <summary>An item without base64 is left out without a word.</summary>
    private static Task<IReadOnlyList<ReplayedPicture>> ReadAsync(Answer answer, string label) =>
        Task.FromResult<IReadOnlyList<ReplayedPicture>>(
            [
                .. Items(answer).Select(item => Member(item, "b64_json")).OfType<string>()
                    .Select(text => new ReplayedPicture(Convert.FromBase64String(text), label)),
            ]);
}
