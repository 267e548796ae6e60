using System.Globalization;

namespace GenApi.Client;

/// <summary>Selects the generations to list. Every filter that is set must match.</summary>
public sealed record GenerationQuery
{
    /// <summary>The statuses.</summary>
    public GenerationStatus? Status { get; init; }

    /// <summary><c>owner/name</c> or an alias.</summary>
    public string? Model { get; init; }

    /// <summary>The earliest acceptance, inclusive.</summary>
    public DateTimeOffset? CreatedAfter { get; init; }

    /// <summary>The latest acceptance, exclusive.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>Words of the prompt, in any order; at most 200 characters.</summary>
    public string? Words { get; init; }

    /// <summary>
    /// Only generations made for this person: <see cref="GenerateRequest.User"/>. Without the right <c>admin</c>, only those that the key
    /// made itself.
    /// </summary>
    public string? EndUser { get; init; }

    /// <summary>True: only pinned generations. False: only others.</summary>
    public bool? Pinned { get; init; }

    /// <summary>Rows fetched at a time, 1 to 100.</summary>
    public int PageSize { get; init; } = 100;

    internal string Path(string? cursor) => Route.Query(
        "generations",
        ("status", Status is { } status ? GenerationStatusConverter.Word(status) : null),
        ("model", Model),
        ("created_after", Route.Time(CreatedAfter)),
        ("created_before", Route.Time(CreatedBefore)),
        ("q", Words),
        ("end_user", EndUser),
        ("pinned", Pinned is { } pinned ? (pinned ? "true" : "false") : null),
        ("limit", PageSize.ToString(CultureInfo.InvariantCulture)),
        ("cursor", cursor));
}
