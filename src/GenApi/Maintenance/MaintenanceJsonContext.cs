using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Hosting.Health;

namespace GenApi.Maintenance;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CheckAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
internal sealed partial class MaintenanceJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="ApiJsonContext.Answers"/>
    public static MaintenanceJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>The document of <c>fsck --json</c>.</summary>
/// <param name="Sound">Whether nothing is wrong, or everything was repaired.</param>
/// <param name="ExitCode">0 or 1.</param>
/// <param name="Running">Whether a service was using the directory. Its unfinished work is not judged.</param>
/// <param name="Problems">The number of problems by kind.</param>
/// <param name="Repaired">The number of repaired problems.</param>
/// <param name="SelfMending">The number of findings by kind that the service repairs by itself; they are not problems.</param>
/// <param name="Notes">The number of findings by kind that are not problems.</param>
/// <param name="Findings">At most 200 findings of each kind.</param>
internal sealed record CheckAnswer(
    bool Sound, int ExitCode, string DataDirectory, bool Running, IReadOnlyDictionary<string, int> Problems, int Repaired,
    IReadOnlyDictionary<string, int> SelfMending, IReadOnlyDictionary<string, int> Notes, IReadOnlyList<CheckFindingAnswer> Findings,
    long Generations, long References, long BlobsRead, long BytesRead, double Seconds);

/// <summary>One finding of <c>fsck --json</c>.</summary>
/// <param name="Weight"><c>problem</c>, <c>self_mending</c> or <c>note</c>.</param>
internal sealed record CheckFindingAnswer(string Weight, string Kind, string Subject, string Sentence, string? Repair);
