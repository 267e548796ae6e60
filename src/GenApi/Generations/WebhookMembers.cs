using System.Text.Json;
using GenApi.Core.Webhooks;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Generations;

/// <summary>Reads the members of POST /generate that name the receiver of webhooks and the events.</summary>
internal static class WebhookMembers
{
    public const string Url = "webhook";
    public const string Filter = "webhook_events_filter";

    /// <param name="url">The receiver; undefined if the request has none, like <paramref name="filter"/>.</param>
    /// <param name="filter">The events.</param>
    /// <param name="targets">Checks the receiver.</param>
    /// <param name="http">The request, for the address at which the caller reached the service.</param>
    /// <param name="errors">Collects the errors.</param>
    /// <returns>The target; null if there is none, or after an error.</returns>
    public static WebhookTarget? Read(JsonElement url, JsonElement filter, WebhookTargets targets, HttpRequest http, MemberErrors errors)
    {
        var events = Events(filter, errors);
        if (IsAbsent(url))
        {
            if (!IsAbsent(filter))
                errors.Add($"$.{Filter}", $"'{Filter}' needs a '{Url}' to send the events to.");
            return null;
        }
        var allowed = url.ValueKind == JsonValueKind.String ? targets.Refusal(url.GetString()!) : "a URL in a string";
        if (allowed is not null)
            errors.Add($"$.{Url}", $"'{Url}' must be {allowed}; it is {JsonTexts.Shown(url)}.");
        return allowed is null && events is { } chosen ? new WebhookTarget(url.GetString()!, chosen, CallerAddress.Of(http)) : null;
    }

    private static WebhookEvents? Events(JsonElement filter, MemberErrors errors)
    {
        if (IsAbsent(filter))
            return WebhookEvents.Completed;
        var events = WebhookEvents.None;
        var isKnown = filter.ValueKind == JsonValueKind.Array;
        if (isKnown)
        {
            foreach (var item in filter.EnumerateArray())
            {
                var what = item.ValueKind == JsonValueKind.String
                    ? WebhookEventWords.All.FirstOrDefault(each => each.Word() == item.GetString())
                    : WebhookEvents.None;
                isKnown &= what != WebhookEvents.None;
                events |= what;
            }
        }
        if (isKnown && events != WebhookEvents.None)
            return events;
        var words = string.Join(", ", WebhookEventWords.All.Select(each => each.Word()));
        var given = isKnown ? "empty" : JsonTexts.Shown(filter);
        errors.Add($"$.{Filter}", $"'{Filter}' must be a list of at least one of {words}; it is {given}.");
        return null;
    }

    private static bool IsAbsent(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
}
