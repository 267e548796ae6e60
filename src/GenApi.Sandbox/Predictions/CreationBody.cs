using System.Text.Json;
using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Predictions;

/// <summary>The body of a creation. Its members are checked before the model's own schema.</summary>
internal sealed class CreationBody
{
    public const string VersionMember = "version";
    public const string DestinationMember = "destination";

    private static readonly string[] Events = ["start", "output", "logs", "completed"];

    private CreationBody(JsonElement input, string? target, WebhookTarget? webhook)
    {
        Input = input;
        Target = target;
        Webhook = webhook;
    }

    public JsonElement Input { get; }

    /// <summary>The value of the member that this route requires; null: it requires none.</summary>
    public string? Target { get; }
    public WebhookTarget? Webhook { get; }

    /// <param name="body">The parsed body.</param>
    /// <param name="required">The member beside <c>input</c> that this route requires and other routes refuse; null: none.</param>
    /// <param name="problems">Every problem found.</param>
    /// <returns>Null if anything is wrong.</returns>
    public static CreationBody? Read(JsonElement body, string? required, List<InvalidField> problems)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            problems.Add(WrongType("", "object", body));
            return null;
        }
        if (required is not null && !body.TryGetProperty(required, out _))
            problems.Add(new("required", "", $"{required} is required"));
        if (!body.TryGetProperty("input", out var input))
            problems.Add(new("required", "", "input is required"));
        else if (input.ValueKind != JsonValueKind.Object)
            problems.Add(WrongType("input", "object", input));
        foreach (var member in body.EnumerateObject())
            CheckMember(member, required, problems);
        return problems.Count > 0
            ? null
            : new CreationBody(input, required is null ? null : body.GetProperty(required).GetString(), ReadWebhook(body));
    }

    /// <summary>
    /// Reads the version from a body, however wrong the rest is: the fault switches need the model before anything is checked.
    /// </summary>
    public static string? PeekVersion(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object
            && body.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String
            ? version.GetString()
            : null;

    private static void CheckMember(JsonProperty member, string? required, List<InvalidField> problems)
    {
        switch (member.Name)
        {
            case "input":
            case "stream" when member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
            case var _ when member.Name == required && member.Value.ValueKind == JsonValueKind.String:
                return;
            case "webhook":
                if (member.Value.ValueKind != JsonValueKind.String || !IsTarget(member.Value.GetString()!))
                    problems.Add(new("format", "webhook", "webhook must be an HTTPS URL"));
                return;
            case "webhook_events_filter":
                if (!IsFilter(member.Value))
                    problems.Add(new("enum", member.Name, $"{member.Name} must hold only: \"start\", \"output\", \"logs\", \"completed\""));
                return;
            case "stream":
                problems.Add(WrongType("stream", "boolean", member.Value));
                return;
            case var _ when member.Name == required:
                problems.Add(WrongType(member.Name, "string", member.Value));
                return;
            default:
                problems.Add(new("additional_property_not_allowed", "", $"Additional property {member.Name} is not allowed"));
                return;
        }
    }

    private static InvalidField WrongType(string field, string expected, JsonElement given) =>
        new("invalid_type", field, $"Invalid type. Expected: {expected}, given: {given.ValueKind.ToString().ToLowerInvariant()}");

    private static bool IsFilter(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
        && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String && Events.Contains(e.GetString()));

    private static WebhookTarget? ReadWebhook(JsonElement body)
    {
        if (!body.TryGetProperty("webhook", out var webhook))
            return null;
        string[]? filter = body.TryGetProperty("webhook_events_filter", out var events)
            ? [.. events.EnumerateArray().Select(e => e.GetString()!)]
            : null;
        return new WebhookTarget(new Uri(webhook.GetString()!), new HashSet<string>(filter ?? ["output", "completed"]), filter);
    }

    /// <summary>Accepts HTTPS, as Replicate does, and plain HTTP to this machine, where a sandbox's callers live.</summary>
    private static bool IsTarget(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var target)
            && (target.Scheme == Uri.UriSchemeHttps || target is { Scheme: "http", IsLoopback: true });
}
