using System.Globalization;

namespace GenApi.Client;

/// <summary>Selects the images to list. Every filter that is set must match.</summary>
public sealed record ImageQuery
{
    /// <summary>Words of the prompt, in any order; at most 200 characters.</summary>
    public string? Words { get; init; }

    /// <summary><c>owner/name</c> or an alias.</summary>
    public string? Model { get; init; }

    /// <summary>The earliest acceptance of the generation, inclusive.</summary>
    public DateTimeOffset? CreatedAfter { get; init; }

    /// <summary>The latest acceptance of the generation, exclusive.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>True: only images of pinned generations. False: only others.</summary>
    public bool? Pinned { get; init; }

    /// <summary>The least width in pixels.</summary>
    public int? MinWidth { get; init; }

    /// <summary>The format of the bytes, such as <c>png</c> or <c>jpeg</c>.</summary>
    public string? Format { get; init; }

    /// <summary>A tag of the key.</summary>
    public string? Tag { get; init; }

    /// <summary>True: the oldest first. False: the newest first.</summary>
    public bool OldestFirst { get; init; }

    /// <summary>The id of the image with which the list begins, <c>img_…</c>. Null: the first image of the order.</summary>
    public string? From { get; init; }

    /// <summary>Rows fetched at a time, 1 to 100.</summary>
    public int PageSize { get; init; } = 100;

    internal string Path(string? cursor) => Route.Query(
        "images",
        ("q", Words),
        ("model", Model),
        ("created_after", Route.Time(CreatedAfter)),
        ("created_before", Route.Time(CreatedBefore)),
        ("pinned", Pinned is { } pinned ? (pinned ? "true" : "false") : null),
        ("min_width", MinWidth?.ToString(CultureInfo.InvariantCulture)),
        ("format", Format),
        ("tag", Tag),
        ("order", OldestFirst ? "oldest" : null),
        ("from", cursor is null ? From : null),
        ("limit", PageSize.ToString(CultureInfo.InvariantCulture)),
        ("cursor", cursor));
}
