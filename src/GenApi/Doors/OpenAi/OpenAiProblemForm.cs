using System.Buffers;
using System.Text.Json;
using GenApi.Hosting.Problems;

namespace GenApi.Doors.OpenAi;

/// <summary>Writes problems as OpenAI's error object.</summary>
internal sealed class OpenAiProblemForm : ProblemForm
{
    public override PathString Prefix { get; } = "/v1";

    /// <summary>OpenAI answers an input that a model refuses with 400.</summary>
    public override FormedProblem Write(Problem problem, HttpContext context) => new(
        problem.Status == StatusCodes.Status422UnprocessableEntity ? StatusCodes.Status400BadRequest : problem.Status, "application/json",
        Body(OpenAiError.Of(problem)));

    private static byte[] Body(OpenAiError error)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, DoorBody.Options))
        {
            json.WriteStartObject();
            json.WritePropertyName("error");
            error.Write(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
