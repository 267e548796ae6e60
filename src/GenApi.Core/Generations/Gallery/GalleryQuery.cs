using GenApi.Core.Images;

namespace GenApi.Core.Generations.Gallery;

/// <summary>A query for a list of images. Every filter is optional, and all filters given must match.</summary>
internal sealed record GalleryQuery
{
    /// <summary>Words of the prompt, each from its beginning, in any order.</summary>
    public string? Words { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public string? Model { get; init; }

    /// <summary>Inclusive; of the generation.</summary>
    public DateTimeOffset? CreatedAfter { get; init; }

    /// <summary>Exclusive; of the generation.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>True if the generation is pinned.</summary>
    public bool? IsPinned { get; init; }

    /// <summary>In pixels. Images of unknown width do not match.</summary>
    public int? MinWidth { get; init; }

    /// <summary>The media type of the bytes.</summary>
    public string? ContentType { get; init; }

    /// <summary>A tag of the caller's account, normalised.</summary>
    public string? Tag { get; init; }

    /// <summary>1 to 100.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>True: the oldest first. False: the newest first.</summary>
    public bool IsOldestFirst { get; init; }

    /// <summary>The image with which the list begins, whether or not it matches. Never with <see cref="Cursor"/>.</summary>
    public Guid? From { get; init; }

    /// <summary>The end of the page before; null: from the first image of the order.</summary>
    public GalleryCursor? Cursor { get; init; }
}

/// <summary>A position in the list: everything up to this image was seen.</summary>
/// <param name="CreatedAt">Of the generation.</param>
/// <param name="Number">Of the generation.</param>
/// <param name="Index">Of the image in its generation; <see cref="WholeGeneration"/>: all of them.</param>
internal readonly record struct GalleryCursor(DateTimeOffset CreatedAt, long Number, int Index)
{
    public const int WholeGeneration = int.MaxValue;
}

/// <summary>An image of a list, with what its row shows of its generation.</summary>
internal sealed record GalleryImage
{
    public required StoredImage Image { get; init; }

    /// <summary>The time at which the generation was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The number of the generation.</summary>
    public required long Number { get; init; }

    public required string Model { get; init; }

    /// <summary>The beginning of the prompt, longer than any row shows.</summary>
    public required string Prompt { get; init; }

    public required long? Seed { get; init; }

    public required bool IsPinned { get; init; }

    /// <summary>The tags of the caller's account, in ordinal order.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>A page of images, in the order of its query.</summary>
/// <param name="Images">At most as many as requested; fewer where few images match.</param>
/// <param name="Next">Where the next page begins; null at the end.</param>
internal sealed record GalleryPage(IReadOnlyList<GalleryImage> Images, GalleryCursor? Next)
{
    /// <summary>The first images; the next page begins after them.</summary>
    internal GalleryPage UpTo(int count)
    {
        var last = Images[count - 1];
        return new([.. Images.Take(count)], new GalleryCursor(last.CreatedAt, last.Number, last.Image.Index));
    }
}
