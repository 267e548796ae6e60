using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Webhooks;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.Replicate;

/// <summary>The body of a request for a prediction.</summary>
/// <param name="Version">A version, <c>owner/name</c> or <c>owner/name:version</c>; null if the path names the model.</param>
/// <param name="Input">The model's inputs, an object.</param>
/// <param name="Webhook">Where to send events; null: nowhere.</param>
/// <param name="Filter">The events as the caller named them; null: none were named.</param>
internal sealed record PredictionRequest(string? Version, JsonElement Input, WebhookTarget? Webhook, IReadOnlyList<string>? Filter)
{
    private const string VersionName = "version", InputName = "input", UrlName = "webhook", FilterName = "webhook_events_filter",
        StreamName = "stream";

    private static readonly string[] ByModel = [InputName, UrlName, FilterName, StreamName], ByVersion = [VersionName, .. ByModel];

    /// <summary>
    /// Replicate's events, and ours for each. Our output is complete when it appears, and progress is read from the log.
    /// </summary>
    private static readonly (string Word, WebhookEvents Event)[] Events =
    [
        ("start", WebhookEvents.Start), ("output", WebhookEvents.Completed), ("logs", WebhookEvents.Progress),
        ("completed", WebhookEvents.Completed),
    ];

    /// <summary>Reads a body as strictly as Replicate does, and reports all errors at once.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="hasModel">Whether the path names the model.</param>
    /// <param name="targets">Checks the receiver of webhooks.</param>
    /// <param name="address">The door's address by which the caller came.</param>
    /// <exception cref="GenApiException">InvalidRequest, with everything that is wrong.</exception>
    public static PredictionRequest Read(JsonElement body, bool hasModel, WebhookTargets targets, string address)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "$", "the body must be a JSON object.");
        var errors = new MemberErrors();
        JsonTexts.Check(body, errors);
        errors.ThrowIfAny();
        JsonTexts.CheckDuplicates(body, errors);
        var known = hasModel ? ByModel : ByVersion;
        var given = new Dictionary<string, JsonElement>();
        foreach (var member in body.EnumerateObject())
        {
            if (!known.Contains(member.Name))
                errors.Unknown("$", member.Name, known, () => Hint(member.Name, hasModel));
            else if (member.Value.ValueKind != JsonValueKind.Null)
                given[member.Name] = member.Value;
        }
        var version = hasModel ? null : ReadVersion(given.GetValueOrDefault(VersionName), errors);
        var input = ReadInput(given.GetValueOrDefault(InputName), errors);
        if (given.TryGetValue(StreamName, out var stream) && stream.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            errors.Add($"$.{StreamName}", $"must be true or false; it is {JsonTexts.Shown(stream)}.");
        var filter = ReadFilter(given.GetValueOrDefault(FilterName), errors);
        var webhook = ReadWebhook(given.GetValueOrDefault(UrlName), filter, targets, address, errors);
        errors.ThrowIfAny();
        return new(version, input, webhook, filter);
    }

    private static string? Hint(string name, bool hasModel) => name switch
    {
        "model" => hasModel
            ? "Leave it out: the address names the model."
            : $"Write '{VersionName}', which also takes owner/name; or POST to /models/{{owner}}/{{name}}/predictions.",
        VersionName => $"The address names the model. To run a version, POST to /predictions with '{VersionName}'.",
        "webhook_completed" => $"Write '{UrlName}'.",
        _ => null,
    };

    private static string? ReadVersion(JsonElement value, MemberErrors errors)
    {
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString()!.Trim();
        errors.Add($"$.{VersionName}", value.ValueKind == JsonValueKind.Undefined
            ? "is required: write a version of 64 hexadecimal digits, owner/name or owner/name:version."
            : $"must be a version of 64 hexadecimal digits, owner/name or owner/name:version; it is {JsonTexts.Shown(value)}.");
        return null;
    }

    private static JsonElement ReadInput(JsonElement value, MemberErrors errors)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
            errors.Add($"$.{InputName}", "is required: write an object with the model's inputs.");
        else if (value.ValueKind != JsonValueKind.Object)
            errors.Add($"$.{InputName}", $"must be an object with the model's inputs; it is {JsonTexts.Shown(value)}.");
        return value;
    }

    private static List<string>? ReadFilter(JsonElement value, MemberErrors errors)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
            return null;
        var words = value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : "").ToList() : [];
        if (words.Count > 0 && words.TrueForAll(word => Array.Exists(Events, each => each.Word == word)))
            return words;
        var allowed = string.Join(", ", Events.Select(each => each.Word));
        errors.Add($"$.{FilterName}", $"must be a list of at least one of {allowed}; it is {JsonTexts.Shown(value)}.");
        return null;
    }

    private static WebhookTarget? ReadWebhook(
        JsonElement url, List<string>? filter, WebhookTargets targets, string address, MemberErrors errors)
    {
        if (url.ValueKind == JsonValueKind.Undefined)
            return null;
        var allowed = url.ValueKind == JsonValueKind.String ? targets.Refusal(url.GetString()!) : "a URL in a string";
        if (allowed is not null)
        {
            errors.Add($"$.{UrlName}", $"must be {allowed}; it is {JsonTexts.Shown(url)}.");
            return null;
        }
        // By default Replicate sends output and completed, which are one event here.
        var events = filter is null
            ? WebhookEvents.Completed
            : filter.Aggregate(WebhookEvents.None, (all, word) => all | Array.Find(Events, each => each.Word == word).Event);
        return new(url.GetString()!, events, $"{address}/");
    }
}
