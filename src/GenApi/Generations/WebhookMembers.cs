using System.Text.Json;
using GenApi.Core.Webhooks;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Generations;

/// <summary>The members of POST /generate that say whom to tell, and of what.</summary>
internal static class WebhookMembers
{
    public const string Url = "webhook";
    public const string Filter = "webhook_events_filter";

    /// <param name="url">Undefined when the request has none; as <paramref name="filter"/>.</param>
    /// <param name="filter">Of the events.</param>
    /// <param name="targets">Where webhooks may go.</param>
    /// <param name="http">By which address the caller reached us.</param>
    /// <param name="errors">What is wrong.</param>
    /// <returns>Null when nobody is to be told, or something is wrong.</returns>
    public static WebhookTarget? Read(JsonElement url, JsonElement filter, WebhookTargets targets, HttpRequest http, MemberErrors errors)
    {
        var events = Events(filter, errors);
        if (IsAbsent(url))
        {
            if (!IsAbsent(filter))
                errors.Add($"$.{Filter}", $"'{Filter}' says what to tell of, and there is no '{Url}' to tell it to.");
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
                var what = item.ValueKind == JsonValueKind.String ? WebhookEventWords.All.FirstOrDefault(each => each.Word() == item.GetString()) : WebhookEvents.None;
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
