using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using GenApi.Hosting.Requests;

namespace GenApi.Generations;

/// <summary>
/// Reads the body of POST /generate by hand, because everything that is wrong with it must be told at once, by JSON path, and a member that is
/// not known must be refused: a typo must not cost money. What only the model's schema can tell is checked in Core.
/// </summary>
internal sealed class GenerateRequestReader
{
    private const int MostPairs = 16, LongestKey = 64, LongestValue = 512, LongestLink = 8_192;

    /// <summary>Names that mean the same for every model, each with its rule: null when the value will do, else what is allowed.</summary>
    private static readonly FrozenDictionary<string, Func<JsonElement, string?>> Common = new Dictionary<string, Func<JsonElement, string?>>
    {
        ["prompt"] = value => Text(value, 1, InputLimits.LongestPrompt, notBlank: true),
        ["negative_prompt"] = value => Text(value, 0, InputLimits.LongestPrompt),
        ["width"] = value => Whole(value, 1, int.MaxValue),
        ["height"] = value => Whole(value, 1, int.MaxValue),
        ["aspect_ratio"] = value => Text(value, 1, GenerateRequest.LongestWord),
        ["seed"] = value => Whole(value, 0, long.MaxValue),
        ["num_outputs"] = value => Whole(value, 1, int.MaxValue),
        ["steps"] = value => Whole(value, 1, int.MaxValue),
        ["guidance"] = value => value.ValueKind == JsonValueKind.Number ? null : "a number",
        ["image"] = Link,
        ["mask"] = Link,
        ["strength"] = value => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var strength) && strength is >= 0 and <= 1 ? null : "a number from 0 to 1",
        ["output_format"] = value => Text(value, 1, GenerateRequest.LongestWord),
    }.ToFrozenDictionary();

    private readonly MemberErrors _errors = new();
    private readonly JsonElement _body;
    private readonly Func<string, string?> _nameOfVersion;
    private readonly Dictionary<string, JsonElement> _common = [];
    private Dictionary<string, string> _metadata = [];
    private JsonElement _input, _webhook, _webhookFilter;
    private string? _model;
    private CacheMode? _cache;

    private GenerateRequestReader(JsonElement body, Func<string, string?> nameOfVersion) => (_body, _nameOfVersion) = (body, nameOfVersion);

    /// <summary>Every member that is taken, in the order of the contract.</summary>
    public static IReadOnlyList<string> Members { get; } = [.. Common.Keys.Order(StringComparer.Ordinal), "model", "input", "cache", WebhookMembers.Url, WebhookMembers.Filter, "metadata"];

    /// <param name="body">As it came.</param>
    /// <param name="targets">Where webhooks may go.</param>
    /// <param name="http">By which address the caller reached us: the links in a webhook begin with it.</param>
    /// <param name="nameOfVersion">What to write for a version of a model; null where it is not known here.</param>
    /// <exception cref="GenApiException">InvalidRequest, with everything that is wrong.</exception>
    public static GenerationRequest Read(JsonElement body, WebhookTargets targets, HttpRequest http, Func<string, string?> nameOfVersion)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "$", "the body must be a JSON object.");
        var reader = new GenerateRequestReader(body, nameOfVersion);
        // Names and strings can only be read without surprises after this.
        JsonTexts.Check(body, reader._errors);
        reader._errors.ThrowIfAny();
        reader.ReadMembers(body);
        var webhook = WebhookMembers.Read(reader._webhook, reader._webhookFilter, targets, http, reader._errors);
        reader._errors.ThrowIfAny();
        return new GenerationRequest
        {
            Model = reader._model,
            Common = reader._common,
            Input = reader._input,
            Cache = reader._cache,
            Metadata = reader._metadata,
            Webhook = webhook,
        };
    }

    private void ReadMembers(JsonElement body)
    {
        JsonTexts.CheckDuplicates(body, _errors);
        foreach (var member in body.EnumerateObject())
        {
            var name = member.Name;
            if (Common.TryGetValue(name, out var rule))
                ReadCommon(name, member.Value, rule);
            else
                ReadOther(name, member.Value);
        }
    }

    private void ReadCommon(string name, JsonElement value, Func<JsonElement, string?> rule)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return;
        if (rule(value) is { } allowed)
            _errors.Add($"$.{name}", $"'{name}' must be {allowed}; it is {JsonTexts.Shown(value)}{KindOf(name, value)}.");
        else
            _common[name] = value;
    }

    private void ReadOther(string name, JsonElement value)
    {
        var isNull = value.ValueKind == JsonValueKind.Null;
        switch (name)
        {
            case "model" when isNull:
            case "input" when isNull:
            case "cache" when isNull:
            case "metadata" when isNull:
                break;
            case "model" when Text(value, 1, GenerateRequest.LongestModel, notBlank: true) is { } allowed:
                _errors.Add(
                    "$.model",
                    $"'model' must be {allowed}: an alias, owner/name, owner/name:version or the address of a model's page; "
                    + $"it is {JsonTexts.Shown(value)}.");
                break;
            case "model":
                _model = value.GetString();
                break;
            case "input" when value.ValueKind != JsonValueKind.Object:
                _errors.Add("$.input", $"'input' must be an object with the model's own names; it is {JsonTexts.Shown(value)}.");
                break;
            case "input":
                _input = value;
                break;
            case "cache":
                _cache = Cache(value);
                break;
            case WebhookMembers.Url:
                _webhook = value;
                break;
            case WebhookMembers.Filter:
                _webhookFilter = value;
                break;
            case "metadata":
                _metadata = Metadata(value);
                break;
            default:
                AddUnknown(name, value);
                break;
        }
    }

    // Apart, so that a request without such a member makes nothing for it.
    private void AddUnknown(string name, JsonElement value) =>
        _errors.Unknown("$", name, Members, () => new ForeignMembers(_body, _nameOfVersion).Hint(name, value));

    private CacheMode? Cache(JsonElement value)
    {
        CacheMode? mode = value.ValueKind == JsonValueKind.String ? value.GetString() switch
        {
            "auto" => CacheMode.Auto,
            "reuse" => CacheMode.Reuse,
            "refresh" => CacheMode.Refresh,
            _ => null,
        } : null;
        if (mode is null)
            _errors.Add("$.cache", $"'cache' must be one of auto, reuse, refresh; it is {JsonTexts.Shown(value)}.");
        return mode;
    }

    private Dictionary<string, string> Metadata(JsonElement value)
    {
        var pairs = new Dictionary<string, string>();
        if (value.ValueKind != JsonValueKind.Object)
        {
            _errors.Add("$.metadata", $"'metadata' must be an object of strings; it is {JsonTexts.Shown(value)}.");
            return pairs;
        }
        foreach (var pair in value.EnumerateObject())
        {
            var path = MemberErrors.Path("$.metadata", pair.Name);
            if (pair.Name.Length == 0 || !Characters.AreAtMost(pair.Name, LongestKey))
                _errors.Add(path, $"a key of 'metadata' has 1 to {LongestKey} characters; this one has {Characters.Count(pair.Name)}.");
            else if (pair.Value.ValueKind != JsonValueKind.String)
                _errors.Add(path, $"a value of 'metadata' must be a string; it is {JsonTexts.Shown(pair.Value)}.");
            else if (JsonCharacters.Count(pair.Value) is > LongestValue and var length)
                _errors.Add(path, $"a value of 'metadata' has at most {LongestValue} characters; this one has {length}.");
            else
                pairs[pair.Name] = pair.Value.GetString()!;
        }
        var count = value.GetPropertyCount();
        if (count > MostPairs)
            _errors.Add("$.metadata", $"'metadata' has at most {MostPairs} pairs; there are {count}.");
        return pairs;
    }

    private static string? Text(JsonElement value, int shortest, int longest, bool notBlank = false)
    {
        if (value.ValueKind == JsonValueKind.String && JsonCharacters.Count(value) is var length && length >= shortest && length <= longest
            && !(notBlank && string.IsNullOrWhiteSpace(value.GetString())))
            return null;
        return shortest == 0 ? $"a string of at most {longest} characters" : $"a string of {shortest} to {longest} characters{(notBlank ? ", not only spaces" : "")}";
    }

    // 1024, 1024.0 and 1.024e3 are the same number.
    private static string? Whole(JsonElement value, long least, long most)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number == decimal.Truncate(number) && number >= least && number <= most)
            return null;
        return $"a whole number from {least} to {most}";
    }

    private static string? Link(JsonElement value)
    {
        // A data URI may be megabytes, so its beginning is looked at where it stands.
        if (value.ValueKind == JsonValueKind.String && (IsData(JsonCharacters.Plain(value)) || IsLinkOrId(value)))
            return null;
        return "an http(s) URL, a data URI, or the id of an image (img_…) or an upload (upl_…)";
    }

    /// <summary>An id of something else, in the place of a picture's.</summary>
    private static string KindOf(string name, JsonElement value)
    {
        var isText = name is "image" or "mask" && value.ValueKind == JsonValueKind.String;
        return isText && PublicId.KindOf(value.GetString()!) is { } kind ? $", the id of {kind}" : "";
    }

    private static bool IsData(ReadOnlySpan<byte> text) => text.Length >= 5 && Ascii.EqualsIgnoreCase(text[..5], "data:"u8);

    private static bool IsLinkOrId(JsonElement value) => JsonCharacters.Count(value) <= LongestLink && value.GetString() is { } text
        && (PublicId.NamesFile(text)
            || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)));
}
