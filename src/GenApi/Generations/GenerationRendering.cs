using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Generations;

/// <summary>
/// Writes a generation as JSON. A finished one is written once for each base URL and step of its links, and its bytes are cached with the
/// snapshot that the core caches while it is in demand. An answer from the store then costs a copy.
/// </summary>
internal sealed class GenerationRendering(ImageLinks links, ApiKeys keys, TimeProvider time)
{
    /// <summary>For callers that see whose it is and, apart from them, for all others: the two would replace each other.</summary>
    private readonly ConditionalWeakTable<GenerationDetails, Rendered> _withOwner = [], _withoutOwner = [];

    /// <summary>
    /// Returns the expiry of the links in an answer, in Unix seconds; 0 if links are bare, because nobody needs a key. It changes in steps,
    /// and the answer changes with it.
    /// </summary>
    public long LinkExpiry() => keys.HasKeys ? links.ExpiryFrom(time.GetUtcNow()) : 0;

    public byte[] Bytes(GenerationDetails details, HttpRequest request)
    {
        var isFinished = details.Generation.Status.IsTerminal();
        var (scheme, host, root) = (request.Scheme, request.Host.Value ?? "", request.PathBase.Value ?? "");
        var expires = LinkExpiry();
        var owner = OwnerName(details.Generation, request.HttpContext);
        var known = owner is null ? _withoutOwner : _withOwner;
        if (isFinished && known.TryGetValue(details, out var rendered) && rendered.IsFor(scheme, host, root, expires, owner))
            return rendered.Bytes;
        var contract = WithOwner(Contract(details, $"{scheme}://{host}{root}", expires), details.Generation, owner);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(contract, GenerationJsonContext.Answers.GenerationContract);
        if (isFinished)
            known.AddOrUpdate(details, new Rendered(scheme, host, root, expires, owner, bytes));
        return bytes;
    }

    /// <summary>
    /// Writes the body of a webhook. It stays small: it has links, and only the beginning of a file that the input holds as a data URI.
    /// </summary>
    public byte[] MessageBytes(GenerationDetails details, string baseUrl)
    {
        var contract = WithoutFiles(Contract(details, baseUrl));
        return JsonSerializer.SerializeToUtf8Bytes(contract, GenerationJsonContext.Answers.GenerationContract);
    }

    /// <summary>Returns the generation with only the beginning of each file that its input holds as a data URI.</summary>
    public static GenerationContract WithoutFiles(GenerationContract contract) =>
        contract.Input.GetRawText() is var input && input.Contains("\"data:", StringComparison.OrdinalIgnoreCase)
            ? contract with { Input = JsonSerializer.SerializeToElement(WithoutFiles(JsonNode.Parse(input)!)) }
            : contract;

    public static string SelfUrl(Generation generation, string baseUrl) =>
        $"{baseUrl}/generations/{PublicId.Format(PublicId.Generation, generation.Id)}";

    /// <summary>Returns the generation as the caller of a request may see it.</summary>
    public GenerationContract Contract(GenerationDetails details, HttpRequest request) =>
        WithOwner(
            Contract(details, CallerAddress.Of(request)), details.Generation, OwnerName(details.Generation, request.HttpContext));

    /// <summary>Returns the generation as everyone who has it may see it, without its account and its end user.</summary>
    public GenerationContract Contract(GenerationDetails details, string baseUrl) => Contract(details, baseUrl, LinkExpiry());

    /// <summary>
    /// Returns the name of the account that made a generation, for that account and for administrators; null for others. An account that
    /// it was only given to must not learn who made it, nor for whom.
    /// </summary>
    public string? OwnerName(Generation generation, HttpContext context)
    {
        var caller = context.Caller();
        return caller.SeesAll || caller.AccountId == generation.OwnerId ? keys.NameFor(caller, generation.OwnerId) : null;
    }

    private static GenerationContract WithOwner(GenerationContract contract, Generation generation, string? owner) => owner is null
        ? contract
        : contract with { Account = new(AccountNames.Of(generation.OwnerId), owner), EndUser = generation.EndUser };

    /// <summary>Returns one output of a generation, as the generation shows it.</summary>
    public ImageContract Image(StoredImage image, GenerationDetails details, string baseUrl) =>
        Image(image, details.OutputNames(), baseUrl, LinkExpiry());

    /// <inheritdoc cref="Image(StoredImage, GenerationDetails, string)"/>
    public FileContract File(StoredImage file, GenerationDetails details, string baseUrl) =>
        File(file, details.OutputNames(), baseUrl, LinkExpiry());

    /// <summary>Returns the address of an image's bytes.</summary>
    /// <param name="image">The image.</param>
    /// <param name="baseUrl">The beginning of the address.</param>
    /// <param name="expires">From <see cref="LinkExpiry"/>.</param>
    public string ImageUrl(StoredImage image, string baseUrl, long expires) => Url(image, "images", baseUrl, expires);

    private GenerationContract Contract(GenerationDetails details, string baseUrl, long expires)
    {
        var generation = details.Generation;
        var self = SelfUrl(generation, baseUrl);
        var names = details.OutputNames();
        return new GenerationContract
        {
            Id = PublicId.Format(PublicId.Generation, generation.Id),
            Status = generation.Status.Word(),
            Model = generation.Model,
            Version = generation.Version,
            Upstream = generation.Upstream,
            PredictionId = generation.PredictionId,
            Input = JsonElement.Parse(generation.Input),
            Seed = generation.Seed,
            Images = [.. details.Images.Select(image => Image(image, names, baseUrl, expires))],
            Files = [.. details.Files.Select(file => File(file, names, baseUrl, expires))],
            Output = details.ReadOutput(),
            Progress = generation is { ProgressCurrent: { } current, ProgressTotal: > 0 and var total }
                ? new(Math.Round((double)current / total, 4), current, total)
                : null,
            Error = generation.ErrorCode is { } code
                ? new(code, generation.ErrorMessage ?? "", RetryableErrors.Includes(code)) { Errors = Members(generation) }
                : null,
            Timing = Timing(generation),
            Cost = Cost(generation),
            Metadata = JsonSerializer.Deserialize(generation.Metadata, GenerationJsonContext.Default.DictionaryStringString) ?? [],
            Pinned = generation.IsPinned,
            CreatedAt = generation.CreatedAt.UtcDateTime,
            StartedAt = generation.StartedAt?.UtcDateTime,
            CompletedAt = generation.CompletedAt?.UtcDateTime,
            Urls = new(self, $"{self}/events", $"{self}/cancel", $"{self}/logs"),
        };
    }

    private ImageContract Image(StoredImage image, IReadOnlyList<string> names, string baseUrl, long expires) => new()
    {
        Id = image.PublicId,
        Url = Url(image, "images", baseUrl, expires),
        Index = image.Index,
        Name = NameOf(image, names),
        ContentType = image.ContentType,
        Width = image.Width,
        Height = image.Height,
        Bytes = image.Bytes,
        Sha256 = image.Sha256,
    };

    private FileContract File(StoredImage file, IReadOnlyList<string> names, string baseUrl, long expires) => new()
    {
        Id = file.PublicId,
        Url = Url(file, "files", baseUrl, expires),
        Index = file.Index,
        Name = NameOf(file, names),
        Kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(file.Kind.ToString()),
        ContentType = file.ContentType,
        Width = file.Width,
        Height = file.Height,
        Duration = file.DurationMs / 1000d,
        Bytes = file.Bytes,
        Sha256 = file.Sha256,
    };

    private string Url(StoredImage output, string route, string baseUrl, long expires) =>
        $"{baseUrl}/{route}/{output.PublicId}{(expires == 0 ? "" : links.Query(output.Id, expires))}";

    private static string? NameOf(StoredImage output, IReadOnlyList<string> names) =>
        output.Index < names.Count && names[output.Index].Length > 0 ? names[output.Index] : null;

    /// <summary>Returns messages by JSON path; null if no member of the input caused the error.</summary>
    public static Dictionary<string, string[]>? Members(Generation generation) =>
        generation.ErrorMembers is { } json
            ? JsonSerializer.Deserialize(json, GenerationJsonContext.Default.DictionaryStringStringArray)
            : null;

    /// <summary>Returns the input with only the beginning of each file that it holds as a data URI.</summary>
    internal static JsonNode? WithoutFiles(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(each => KeyValuePair.Create(each.Key, WithoutFiles(each.Value)))),
        JsonArray items => new JsonArray([.. items.Select(WithoutFiles)]),
        JsonValue value when value.TryGetValue<string>(out var text) && text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) =>
            $"{text.Split(',', 2)[0]},…",
        _ => node?.DeepClone(),
    };

    /// <summary>
    /// Returns the cost. No bill states what a run cost, so the price table estimates it; only a run that was never sent certainly costs
    /// nothing.
    /// </summary>
    private static CostContract? Cost(Generation generation)
    {
        var isFinished = generation.Status.IsTerminal();
        return (isFinished ? generation.CostMicros : generation.ExpectedMicros) is { } micros
            ? new(MicroDollars.ToText(micros), Estimated: !isFinished || generation.WasSent)
            : null;
    }

    private static TimingContract Timing(Generation generation)
    {
        return new TimingContract
        {
            QueuedSeconds = Seconds(generation.AcceptedAt - generation.CreatedAt),
            StartingSeconds = Seconds(Starting(generation)),
            PredictSeconds = generation.PredictSeconds is { } predict ? Math.Max(0, Math.Round(predict, 3)) : null,
            StoringSeconds = Seconds(generation.CompletedAt - generation.StoringAt),
            TotalSeconds = Seconds(generation.CompletedAt - generation.CreatedAt),
            ColdStart = generation.IsColdStart,
        };
    }

    /// <summary>
    /// Returns the time of queueing and booting: the upstream's own if it reports one, because its clock differs from ours.
    /// </summary>
    private static TimeSpan? Starting(Generation generation)
    {
        var span = generation is { UpstreamSeconds: { } total, PredictSeconds: { } predict }
            ? TimeSpan.FromSeconds(total - predict)
            : generation.StartedAt - generation.AcceptedAt;
        return span < TimeSpan.Zero ? TimeSpan.Zero : span;
    }

    /// <summary>Rounds a time. Rows of earlier versions may hold times of two clocks, so it can be negative.</summary>
    private static double? Seconds(TimeSpan? span) => span is { } known ? Math.Max(0, Math.Round(known.TotalSeconds, 3)) : null;

    private sealed record Rendered(string Scheme, string Host, string Root, long Expires, string? Owner, byte[] Bytes)
    {
        public bool IsFor(string scheme, string host, string root, long expires, string? owner) =>
            Expires == expires && Host == host && Scheme == scheme && Root == root && Owner == owner;
    }
}
