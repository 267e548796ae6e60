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
    public static MaintenanceJsonContext Answers => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>What <c>fsck --json</c> writes.</summary>
/// <param name="Sound">Nothing is wrong, or nothing is any more.</param>
/// <param name="ExitCode">0 or 1.</param>
/// <param name="Running">A service was using the directory, so what it was in the middle of is not judged.</param>
/// <param name="Problems">How many of each kind.</param>
/// <param name="Repaired">How many of them were repaired.</param>
/// <param name="SelfMending">How many of each kind that the service mends by itself; they are no problems.</param>
/// <param name="Notes">How many of each kind that is no problem.</param>
/// <param name="Findings">At most 200 of each kind.</param>
internal sealed record CheckAnswer(
    bool Sound, int ExitCode, string DataDirectory, bool Running, IReadOnlyDictionary<string, int> Problems, int Repaired, IReadOnlyDictionary<string, int> SelfMending,
    IReadOnlyDictionary<string, int> Notes,
    IReadOnlyList<CheckFindingAnswer> Findings, long Generations, long References, long BlobsRead, long BytesRead, double Seconds);

/// <param name="Weight"><c>problem</c>, <c>self_mending</c> or <c>note</c>.</param>
internal sealed record CheckFindingAnswer(string Weight, string Kind, string Subject, string Sentence, string? Repair);
