using System.Text.Json;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Recovery;

/// <summary>
/// A request that was sent and whose answer was not seen, to be compared with predictions. The comparison measures a distance: a prediction
/// of the same model with the same members, one that only spells out the defaults, or one where something can't be compared and has to be
/// guessed.
/// </summary>
/// <param name="generation">With an intent and without a prediction.</param>
/// <param name="schema">The inputs of its model; <see cref="InputSchema.Unknown"/> where they are not known.</param>
internal sealed class SentRun(Generation generation, InputSchema schema)
{
    /// <summary>Model and every member are equal.</summary>
    public const int Equal = 0;

    /// <summary>
    /// The same run, written differently: it also names members with their defaults, or a version where we named none.
    /// </summary>
    public const int SameRun = 1;

    /// <summary>One member can't be compared. Each further one adds one.</summary>
    public const int Guess = 2;

    private const int VersionDigits = 64;

    private readonly JsonElement _input = JsonElement.Parse(generation.Input);
    private readonly GenerationFile[] _files = GenerationFile.Read(generation.InputFiles);

    public Generation Generation => generation;

    public bool HasFiles => _files.Length > 0;

    /// <summary>Returns whether both ask for the same, so that each may have the other's prediction.</summary>
    public bool IsAlike(SentRun other) =>
        generation.Model == other.Generation.Model && generation.Version == other.Generation.Version
        && generation.InputFiles == other.Generation.InputFiles && CanonicalJson.AreEqual(_input, other._input);

    /// <summary>Returns whether the model may be the same, so that it is worth reading an input that a list left out.</summary>
    public bool MayRun(Prediction prediction) => ModelDistance(prediction) is not null;

    /// <summary>Measures how far the prediction is from what was sent.</summary>
    /// <param name="prediction">With its input.</param>
    /// <param name="hashes">The bytes behind addresses that are known to be ours.</param>
    /// <returns>Null: another request surely made it.</returns>
    public int? DistanceTo(Prediction prediction, IReadOnlyDictionary<string, string> hashes)
    {
        if (ModelDistance(prediction) is not { } distance || prediction.Input is not { ValueKind: JsonValueKind.Object } seen)
            return null;
        foreach (var member in _input.EnumerateObject())
        {
            if (MemberDistance(member, seen, hashes) is not { } far)
                return null;
            distance = Sum(distance, far);
        }
        foreach (var member in seen.EnumerateObject())
        {
            if (_input.TryGetProperty(member.Name, out _))
                continue;
            if (DistanceOfMore(member) is not { } far)
                return null;
            distance = Sum(distance, far);
        }
        return distance;
    }

    /// <summary>Adds guesses up; of other distances it takes the farther one.</summary>
    private static int Sum(int one, int other) => one >= Guess && other >= Guess ? one + other - Guess + 1 : Math.Max(one, other);

    private int? ModelDistance(Prediction prediction)
    {
        bool? isNamed = prediction.Model is { } name ? string.Equals(name, generation.Model, StringComparison.OrdinalIgnoreCase) : null;
        var version = prediction.Version is { Length: VersionDigits } ran ? ran : null;
        if (generation.Version is { } own && version is not null)
        {
            if (!string.Equals(own, version, StringComparison.OrdinalIgnoreCase))
                return null;
            // A version belongs to one model, which may have been renamed.
            return isNamed == false ? Guess : Equal;
        }
        if (isNamed == false && !(generation.Version is null && IsInternal(prediction.Model!)))
            return null;
        if (isNamed != true)
            return Guess;
        return generation.Version is null == version is null ? Equal : SameRun;
    }

    /// <summary>
    /// Official models have appeared under the names by which Replicate runs them: replicate/lifeboat-70b, replicate-internal/….
    /// </summary>
    private static bool IsInternal(string model) =>
        model.StartsWith("replicate/", StringComparison.OrdinalIgnoreCase)
        || model.StartsWith("replicate-internal/", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The distance of a member that we sent. 7 and 7.0 are the same number, as they are in a cache key; "7" is a text.
    /// </summary>
    private int? MemberDistance(JsonProperty sent, JsonElement seen, IReadOnlyDictionary<string, string> hashes)
    {
        var isThere = seen.TryGetProperty(sent.Name, out var value);
        if (isThere && CanonicalJson.AreEqual(sent.Value, value))
            return Equal;
        if (!IsFile(sent))
            return null;
        // Files may be left out, or appear at the upstream's own address.
        return isThere ? FileDistance(sent, value, hashes) : Guess;
    }

    private bool IsFile(JsonProperty sent)
    {
        if (_files.Any(file => file.Name == sent.Name))
            return true;
        return schema.Find(sent.Name) is not { Rule.TakesFiles: false } && IsAddress(sent.Value);
    }

    private static bool IsAddress(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() > 0 && value.EnumerateArray().All(IsAddress),
        JsonValueKind.String => value.GetString() is { } text
            && (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
                || text.StartsWith("http", StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };

    private int? FileDistance(JsonProperty sent, JsonElement seen, IReadOnlyDictionary<string, string> hashes)
    {
        if (sent.Value.ValueKind != seen.ValueKind || !IsAddress(seen))
            return null;
        if (seen.ValueKind == JsonValueKind.String)
            return FileDistance(_files.FirstOrDefault(file => file.Name == sent.Name), sent.Value, seen, hashes);
        if (sent.Value.GetArrayLength() != seen.GetArrayLength())
            return null;
        int? distance = Equal;
        for (var at = 0; at < seen.GetArrayLength() && distance is not null; at++)
        {
            var file = _files.FirstOrDefault(file => file.Name == sent.Name && file.Index == at);
            distance = FileDistance(file, sent.Value[at], seen[at], hashes) is { } far ? Sum(distance.Value, far) : null;
        }
        return distance;
    }

    /// <summary>
    /// The distance of a file. If the address of other bytes of ours stands in its place, it is another run. An address that we do not know
    /// shows nothing.
    /// </summary>
    private static int? FileDistance(GenerationFile? file, JsonElement sent, JsonElement seen, IReadOnlyDictionary<string, string> hashes)
    {
        if (file is null)
            return CanonicalJson.AreEqual(sent, seen) ? Equal : Guess;
        if (!hashes.TryGetValue(seen.GetString()!, out var hash))
            return Guess;
        return hash == file.Sha256 ? Equal : null;
    }

    /// <summary>
    /// The distance of a member that we did not send. With its default it is the same run, and with another value it is not. A member that
    /// the schema does not know is a guess.
    /// </summary>
    private int? DistanceOfMore(JsonProperty member)
    {
        if (member.Value.ValueKind == JsonValueKind.Null)
            return SameRun;
        if (schema.Find(member.Name) is not { } property)
            return Guess;
        return property.Default is { } value && CanonicalJson.AreEqual(value, member.Value) ? SameRun : null;
    }
}
