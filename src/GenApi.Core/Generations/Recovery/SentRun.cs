using System.Text.Json;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Recovery;

/// <summary>
/// What a generation sent whose answer was not seen, to be compared with predictions. The comparison counts how far they are apart: a
/// prediction of the same model with the same
/// members, one that only spells out the defaults, or one where something can't be compared and has to be guessed.
/// </summary>
/// <param name="generation">With an intent and without a prediction.</param>
/// <param name="schema">What its model takes; <see cref="InputSchema.Unknown"/> where nobody can tell.</param>
internal sealed class SentRun(Generation generation, InputSchema schema)
{
    /// <summary>Model and every member are equal.</summary>
    public const int Equal = 0;

    /// <summary>
    /// The same run, written differently: it also names members with their defaults, or names a version where we named none.
    /// </summary>
    public const int SameRun = 1;

    /// <summary>From here on: one thing can't be compared, or two, and so on.</summary>
    public const int Guess = 2;

    private const int VersionDigits = 64;

    private readonly JsonElement _input = JsonElement.Parse(generation.Input);
    private readonly GenerationFile[] _files = GenerationFile.Read(generation.InputFiles);

    public Generation Generation => generation;

    public bool HasFiles => _files.Length > 0;

    /// <summary>Whether both ask for the same, so that either may have either's prediction.</summary>
    public bool IsAlike(SentRun other) =>
        generation.Model == other.Generation.Model && generation.Version == other.Generation.Version
        && generation.InputFiles == other.Generation.InputFiles && CanonicalJson.AreEqual(_input, other._input);

    /// <summary>Whether its model may be ours, so that it is worth asking for an input that a list left out.</summary>
    public bool MayRun(Prediction prediction) => ModelDistance(prediction) is not null;

    /// <summary>How far the prediction is from what was sent.</summary>
    /// <param name="prediction">With its input.</param>
    /// <param name="hashes">The bytes behind addresses that are known to be ours.</param>
    /// <returns>Null: it was surely made of something else.</returns>
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

    /// <summary>Guesses add up; all else is as far as the farther of both.</summary>
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
    /// Official models have shown the name under which Replicate runs them: replicate/lifeboat-70b, replicate-internal/….
    /// </summary>
    private static bool IsInternal(string model) =>
        model.StartsWith("replicate/", StringComparison.OrdinalIgnoreCase)
        || model.StartsWith("replicate-internal/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Of a member that we sent. 7 and 7.0 are the same number, as they are in a cache key; "7" is a text.</summary>
    private int? MemberDistance(JsonProperty sent, JsonElement seen, IReadOnlyDictionary<string, string> hashes)
    {
        var isThere = seen.TryGetProperty(sent.Name, out var value);
        if (isThere && CanonicalJson.AreEqual(sent.Value, value))
            return Equal;
        if (!IsFile(sent))
            return null;
        // Files may be left out, or be shown at an address of the upstream's own.
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
            && (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http", StringComparison.OrdinalIgnoreCase)),
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
    /// Where a file of ours stood and the address of other bytes of ours is shown, it is another run. An address that we do not know tells
    /// nothing.
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
    /// Of a member that we did not send: with its default it is the same run, with another value it is not, and of one that the schema does
    /// not know nobody can tell.
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
