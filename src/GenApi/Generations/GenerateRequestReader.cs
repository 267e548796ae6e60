using System.Collections.Frozen;
using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using GenApi.Hosting.Requests;

namespace GenApi.Generations;

/// <summary>
/// Reads the body of POST /generate by its contract, <see cref="GenerateRequest"/>. It reports everything that is wrong at once, by JSON
/// path, and refuses unknown members: a typo must not cost money. What only the model's schema can decide is checked in Core.
/// </summary>
internal sealed class GenerateRequestReader
{
    private static readonly IReadOnlyList<ContractMember> Contract = ContractMember.Of<GenerateRequest>();

    private static readonly FrozenDictionary<string, ContractMember> ByName = Contract.ToFrozenDictionary(member => member.Name);

    private readonly MemberErrors _errors = new();
    private readonly JsonElement _body;
    private readonly Func<string, string?> _nameOfVersion;
    private readonly Dictionary<string, JsonElement> _common = [];
    private Dictionary<string, string> _metadata = [];
    private JsonElement _input, _webhook, _webhookFilter;
    private string? _model, _user;
    private CacheMode? _cache;

    private GenerateRequestReader(JsonElement body, Func<string, string?> nameOfVersion) => (_body, _nameOfVersion) = (body, nameOfVersion);

    /// <summary>Every member that is taken, in the order of the contract.</summary>
    public static IReadOnlyList<string> Members { get; } = [.. Contract.Select(member => member.Name)];

    /// <param name="body">As it came.</param>
    /// <param name="targets">Where webhooks may go.</param>
    /// <param name="http">By which address the caller reached us, with which links in a webhook begin, and for whom it asks.</param>
    /// <param name="nameOfVersion">What to write for a version of a model; null where it is not known here.</param>
    /// <param name="origin">What the request has besides its body.</param>
    /// <exception cref="GenApiException">InvalidRequest, with everything that is wrong.</exception>
    public static GenerationRequest Read(
        JsonElement body, WebhookTargets targets, HttpRequest http, Func<string, string?> nameOfVersion, RequestOrigin origin = default)
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
        var account = origin.Caller?.AccountId ?? default;
        // Made whole, because every hit comes along here: a copy with more members would be one allocation more.
        return new GenerationRequest
        {
            OwnerId = account,
            Caller = origin.Caller,
            Model = reader._model,
            Common = reader._common,
            Input = reader._input,
            Cache = origin.IsRefresh ? CacheMode.Refresh : reader._cache,
            OnlyIfCached = origin.OnlyIfCached,
            Metadata = reader._metadata,
            Webhook = webhook is null ? null : webhook with { AccountId = account },
            IdempotencyKey = origin.IdempotencyKey,
            Repeat = origin.Repeat,
            EndUser = EndUserReader.Read(http.HttpContext, reader._user),
            Body = origin.Body,
        };
    }

    private void ReadMembers(JsonElement body)
    {
        JsonTexts.CheckDuplicates(body, _errors);
        foreach (var member in body.EnumerateObject())
        {
            var (name, value) = (member.Name, member.Value);
            if (!ByName.TryGetValue(name, out var rule))
                AddUnknown(name, value);
            else if (value.ValueKind != JsonValueKind.Null)
                ReadMember(rule, value);
        }
    }

    private void ReadMember(ContractMember rule, JsonElement value)
    {
        switch (rule.Name)
        {
            // These depend on each other and on where webhooks may go.
            case WebhookMembers.Url:
                _webhook = value;
                break;
            case WebhookMembers.Filter:
                _webhookFilter = value;
                break;
            case var name when rule.Refusal(value) is { } allowed:
                _errors.Add($"$.{name}", $"'{name}' must be {allowed}{HintOf(name)}; it is {JsonTexts.Shown(value)}{KindOf(rule, value)}.");
                break;
            case "model":
                _model = value.GetString();
                break;
            case "input":
                _input = value;
                break;
            case EndUserReader.Member:
                _user = value.GetString();
                break;
            case "cache":
                _cache = Enum.Parse<CacheMode>(value.GetString()!, ignoreCase: true);
                break;
            case "metadata":
                _metadata = Metadata(value);
                break;
            case var common:
                _common[common] = value;
                break;
        }
    }

    // Apart, so that a request without such a member makes nothing for it.
    private void AddUnknown(string name, JsonElement value) =>
        _errors.Unknown("$", name, Members, () => new ForeignMembers(_body, _nameOfVersion).Hint(name, value));

    private Dictionary<string, string> Metadata(JsonElement value)
    {
        const int mostPairs = GenerateRequest.MostPairs;
        const int longestKey = GenerateRequest.LongestPairKey, longestValue = GenerateRequest.LongestPairValue;
        var pairs = new Dictionary<string, string>();
        foreach (var pair in value.EnumerateObject())
        {
            var path = MemberErrors.Path("$.metadata", pair.Name);
            if (pair.Name.Length == 0 || !Characters.AreAtMost(pair.Name, longestKey))
                _errors.Add(path, $"a key of 'metadata' has 1 to {longestKey} characters; this one has {Characters.Count(pair.Name)}.");
            else if (pair.Value.ValueKind != JsonValueKind.String)
                _errors.Add(path, $"a value of 'metadata' must be a string; it is {JsonTexts.Shown(pair.Value)}.");
            else if (JsonCharacters.Count(pair.Value) is > longestValue and var length)
                _errors.Add(path, $"a value of 'metadata' has at most {longestValue} characters; this one has {length}.");
            else
                pairs[pair.Name] = pair.Value.GetString()!;
        }
        var count = value.GetPropertyCount();
        if (count > mostPairs)
            _errors.Add("$.metadata", $"'metadata' has at most {mostPairs} pairs; there are {count}.");
        return pairs;
    }

    private static string HintOf(string name) => name switch
    {
        "model" => ": an alias, owner/name, owner/name:version or the address of a model's page",
        "input" => " with the model's own names",
        "metadata" => " of strings",
        _ => "",
    };

    /// <summary>An id of something else, in the place of a picture's.</summary>
    private static string KindOf(ContractMember rule, JsonElement value)
    {
        var isText = rule.NamesFile && value.ValueKind == JsonValueKind.String;
        return isText && PublicId.KindOf(value.GetString()!) is { } kind ? $", the id of {kind}" : "";
    }
}

/// <summary>The parts of a request besides its body.</summary>
/// <param name="Caller">Null: it is made for nobody.</param>
/// <param name="IdempotencyKey">Null: none was given.</param>
/// <param name="IsRefresh">Whether a header asks for a new run, whatever the body says.</param>
/// <param name="OnlyIfCached">See <see cref="GenerationRequest.OnlyIfCached"/>.</param>
/// <param name="Repeat">See <see cref="GenerationRequest.Repeat"/>.</param>
/// <param name="Body">See <see cref="GenerationRequest.Body"/>.</param>
internal readonly record struct RequestOrigin(
    Caller? Caller, IdempotencyKey? IdempotencyKey, bool IsRefresh, bool OnlyIfCached, RepeatKey? Repeat, JsonElement Body);
