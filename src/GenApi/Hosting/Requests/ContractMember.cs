using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Persistence;

namespace GenApi.Hosting.Requests;

/// <summary>
/// A member of a request body as its contract declares it. Readers check values by the type and the attributes that the API document shows,
/// so neither has a separate list.
/// </summary>
internal sealed class ContractMember
{
    private const int LongestLink = 8_192;

    private readonly Func<JsonElement, string?> _check;

    private ContractMember(PropertyInfo property)
    {
        Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        NamesFile = property.IsDefined(typeof(FileReferenceAttribute));
        _check = CheckOf(property);
    }

    /// <summary>As callers write it.</summary>
    public string Name { get; }

    /// <summary>True if the value is a link to a file, or the id of one.</summary>
    public bool NamesFile { get; }

    /// <summary>Reads the members of a contract, in its order.</summary>
    public static IReadOnlyList<ContractMember> Of<T>() =>
        [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => new ContractMember(property))];

    /// <summary>Checks a value other than null.</summary>
    /// <returns>What is allowed; null: the value is.</returns>
    public string? Refusal(JsonElement value) => _check(value);

    private static Func<JsonElement, string?> CheckOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var range = property.GetCustomAttribute<RangeAttribute>();
        if (property.IsDefined(typeof(FileReferenceAttribute)))
            return FileReference;
        if (type == typeof(string) && property.GetCustomAttribute<WordsAttribute>() is { Words: var words })
            return value => Word(value, words);
        if (type == typeof(string))
        {
            var shortest = property.GetCustomAttribute<MinLengthAttribute>()?.Length ?? 0;
            var longest = property.GetCustomAttribute<MaxLengthAttribute>()?.Length ?? int.MaxValue;
            var notBlank = property.IsDefined(typeof(NotBlankAttribute));
            return value => Text(value, shortest, longest, notBlank);
        }
        if (type == typeof(int) || type == typeof(long))
        {
            var (least, most) = range is null ? (long.MinValue, long.MaxValue) : (Bound<long>(range.Minimum), Bound<long>(range.Maximum));
            return value => Whole(value, least, most);
        }
        if (type == typeof(double))
        {
            double? least = range is null ? null : Bound<double>(range.Minimum), most = range is null ? null : Bound<double>(range.Maximum);
            return value => Number(value, least, most);
        }
        return typeof(System.Collections.IEnumerable).IsAssignableFrom(type) && !IsDictionary(type)
            ? value => value.ValueKind == JsonValueKind.Array ? null : "a list"
            : value => value.ValueKind == JsonValueKind.Object ? null : "an object";
    }

    private static bool IsDictionary(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>);

    private static T Bound<T>(object bound) => (T)Convert.ChangeType(bound, typeof(T), CultureInfo.InvariantCulture);

    private static string? Word(JsonElement value, IReadOnlyList<string> words) =>
        value.ValueKind == JsonValueKind.String && words.Contains(value.GetString()!) ? null : $"one of {string.Join(", ", words)}";

    private static string? Text(JsonElement value, int shortest, int longest, bool notBlank)
    {
        if (value.ValueKind == JsonValueKind.String && JsonCharacters.Count(value) is var length && length >= shortest && length <= longest
            && !(notBlank && string.IsNullOrWhiteSpace(value.GetString())))
            return null;
        var blank = notBlank ? ", not only spaces" : "";
        return shortest == 0 ? $"a string of at most {longest} characters{blank}" : $"a string of {shortest} to {longest} "
            + $"characters{blank}";
    }

    // 1024, 1024.0 and 1.024e3 are the same number.
    private static string? Whole(JsonElement value, long least, long most)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number == decimal.Truncate(number)
            && number >= least && number <= most)
            return null;
        return $"a whole number from {least} to {most}";
    }

    private static string? Number(JsonElement value, double? least, double? most)
    {
        if (least is null || most is null)
            return value.ValueKind == JsonValueKind.Number ? null : "a number";
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most)
            return null;
        return string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}");
    }

    private static string? FileReference(JsonElement value)
    {
        // A data URI may be megabytes, so its beginning is read where it stands.
        if (value.ValueKind == JsonValueKind.String && (IsData(JsonCharacters.Plain(value)) || IsLinkOrId(value)))
            return null;
        return "an http(s) URL, a data URI, or the id of an image (img_…) or an upload (upl_…)";
    }

    private static bool IsData(ReadOnlySpan<byte> text) => text.Length >= 5 && Ascii.EqualsIgnoreCase(text[..5], "data:"u8);

    private static bool IsLinkOrId(JsonElement value) => JsonCharacters.Count(value) <= LongestLink && value.GetString() is { } text
        && (PublicId.NamesFile(text)
            || (Uri.TryCreate(text, UriKind.Absolute, out var uri)
                && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)));
}
