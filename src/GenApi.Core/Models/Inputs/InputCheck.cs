using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Persistence;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Checks one value against one rule. It is not a JSON Schema library: those report schema keywords, while callers need to know what is
/// allowed, by the name they used. NJsonSchema refuses 50.0 as an integer and fails on a number beyond 64 bits (tests show both).
/// </summary>
internal static class InputCheck
{
    private const int LongestAddress = 8192, LongestId = 64;

    private static readonly (InputTypes Type, string Name)[] Kinds =
    [
        (InputTypes.String, "a string"), (InputTypes.Integer, "an integer"), (InputTypes.Number, "a number"),
        (InputTypes.Boolean, "true or false"), (InputTypes.Array, "an array"), (InputTypes.Object, "an object"),
    ];

    /// <summary>
    /// Returns what is wrong with the value, worded as what it must be; null if nothing is. The caller checks the members of an array one
    /// by one.
    /// </summary>
    public static string? Problem(InputRule rule, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return rule.Nullable ? null : Must(rule);
        if (rule.Types != InputTypes.Any && !HasType(rule.Types, value))
            return Must(rule);
        if (rule.Allowed.Count > 0 && !IsAllowed(rule.Allowed, value))
            return Must(rule);
        if (rule.AnyOf.Count > 0 && !FitsOne(rule.AnyOf, value))
            return Must(rule);
        return value.ValueKind switch
        {
            JsonValueKind.Number => IsInRange(rule, value) ? null : Must(rule),
            JsonValueKind.String => TextProblem(rule, value),
            JsonValueKind.Array when value.GetArrayLength() < rule.MinItems => $"must have at least {rule.MinItems} items",
            JsonValueKind.Array when value.GetArrayLength() > rule.MaxItems => $"must have at most {rule.MaxItems} items",
            _ => null,
        };
    }

    /// <summary>Reads an integer; 1, 1.0 and 1e0 are the same. False for a number outside 64 bits or with a fraction.</summary>
    public static bool TryInteger(JsonElement number, out long value)
    {
        if (number.TryGetInt64(out value))
            return true;
        if (!number.TryGetDecimal(out var exact) || decimal.Truncate(exact) != exact || exact is < long.MinValue or > long.MaxValue)
            return false;
        value = (long)exact;
        return true;
    }

    private static bool HasType(InputTypes types, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => types.HasFlag(InputTypes.String),
        JsonValueKind.Number => types.HasFlag(InputTypes.Number) || types.HasFlag(InputTypes.Integer) && IsInteger(value),
        JsonValueKind.True or JsonValueKind.False => types.HasFlag(InputTypes.Boolean),
        JsonValueKind.Array => types.HasFlag(InputTypes.Array),
        JsonValueKind.Object => types.HasFlag(InputTypes.Object),
        _ => false,
    };

    private static bool IsInteger(JsonElement number)
    {
        if (number.TryGetInt64(out _))
            return true;
        return number.TryGetDecimal(out var exact) ? decimal.Truncate(exact) == exact : double.IsInteger(number.GetDouble());
    }

    private static bool IsAllowed(IReadOnlyList<JsonElement> allowed, JsonElement value)
    {
        foreach (var one in allowed)
        {
            if (CanonicalJson.AreEqual(one, value))
                return true;
        }
        return false;
    }

    private static bool FitsOne(IReadOnlyList<InputRule> rules, JsonElement value)
    {
        foreach (var rule in rules)
        {
            if (Problem(rule, value) is null && FitItems(rule, value))
                return true;
        }
        return false;
    }

    private static bool FitItems(InputRule rule, JsonElement value) => value.ValueKind != JsonValueKind.Array
        || rule.Items is not { } items
        || value.EnumerateArray().All(item => Problem(items, item) is null);

    private static bool IsInRange(InputRule rule, JsonElement number)
    {
        if (rule.Minimum is null && rule.Maximum is null)
            return true;
        if (!number.TryGetDecimal(out var value))
        {
            // Outside 28 digits; no bound is that far out, so the sign decides.
            var sign = number.GetDouble();
            return sign > 0 ? rule.Maximum is null : rule.Minimum is null;
        }
        return (rule.Minimum is not { } min || (rule.ExclusiveMinimum ? value > min : value >= min))
            && (rule.Maximum is not { } max || (rule.ExclusiveMaximum ? value < max : value <= max));
    }

    private static string? TextProblem(InputRule rule, JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        if (CanonicalText.HasLoneSurrogate(raw))
            return "must be valid Unicode: it holds half of a surrogate pair";
        if (rule.IsFile && !IsFileAddress(raw))
        {
            var kind = raw.Length <= LongestId ? PublicId.KindOf(Encoding.UTF8.GetString(raw)) : null;
            return kind is null ? Must(rule) : $"{Must(rule)}; this is the id of {kind}";
        }
        if (rule.MinLength is null && rule.MaxLength is null)
            return null;
        var length = JsonCharacters.Count(value);
        return length < rule.MinLength ? $"must have at least {rule.MinLength} characters"
            : length > rule.MaxLength ? $"must have at most {rule.MaxLength} characters"
            : null;
    }

    private static bool IsFileAddress(ReadOnlySpan<byte> raw)
    {
        if (raw.Contains((byte)'\\'))
        {
            var plain = new ArrayBufferWriter<byte>(raw.Length);
            CanonicalText.Write(raw, plain);
            raw = plain.WrittenSpan;
        }
        if (Ascii.EqualsIgnoreCase(raw[..Math.Min(5, raw.Length)], "data:"u8))
            return raw.Contains((byte)',');
        if (raw.Length > LongestAddress)
            return false;
        var text = Encoding.UTF8.GetString(raw);
        return PublicId.NamesFile(text)
            || (Uri.TryCreate(text, UriKind.Absolute, out var address)
                && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp));
    }

    private static string Must(InputRule rule)
    {
        if (rule.Allowed.Count > 0)
            return $"must be one of {string.Join(", ", rule.Allowed.Select(allowed => allowed.GetRawText()))}";
        if (rule.AnyOf.Count > 0)
            return $"must be {string.Join(" or ", rule.AnyOf.Select(choice => Must(choice)["must be ".Length..]).Distinct())}";
        if (rule.IsFile)
            return "must be an http or https URL, a data URI, or the id of an image (img_…) or an upload (upl_…)";
        var kinds = new List<string>(2);
        foreach (var (type, name) in Kinds)
        {
            if (rule.Types.HasFlag(type))
                kinds.Add(name);
        }
        if (rule.Nullable)
            kinds.Add("null");
        return "must be " + (kinds.Count == 0 ? "a value" : string.Join(" or ", kinds)) + Range(rule);
    }

    private static string Range(InputRule rule)
    {
        var min = rule.Minimum?.ToString(CultureInfo.InvariantCulture);
        var max = rule.Maximum?.ToString(CultureInfo.InvariantCulture);
        return (min, max) switch
        {
            (null, null) => "",
            (not null, not null) when !rule.ExclusiveMinimum && !rule.ExclusiveMaximum => $" from {min} to {max}",
            (not null, null) => $" {(rule.ExclusiveMinimum ? "above" : "of at least")} {min}",
            (null, not null) => $" {(rule.ExclusiveMaximum ? "below" : "of at most")} {max}",
            _ => $" {(rule.ExclusiveMinimum ? "above" : "of at least")} {min} and {(rule.ExclusiveMaximum ? "below" : "at most")} {max}",
        };
    }
}
