namespace GenApi.Client;

/// <summary>An image in a list: see <see cref="GenApiClient.ListImagesAsync"/>.</summary>
public sealed record ListedImage
{
    /// <summary><c>img_</c> and 26 characters.</summary>
    public string Id { get; init; } = "";

    /// <summary>The generation that made it.</summary>
    public string GenerationId { get; init; } = "";

    /// <summary>The absolute address. It can be fetched without an API key for about a day.</summary>
    public string Url { get; init; } = "";

    /// <summary>The same for a WebP picture of at most 256 pixels' width.</summary>
    public string ThumbnailUrl { get; init; } = "";

    /// <summary>The content type, such as <c>image/png</c>.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>In pixels, as a viewer shows it; null if the file does not say.</summary>
    public int? Width { get; init; }

    /// <summary>In pixels, as <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>The beginning of the prompt: at most 200 characters.</summary>
    public string Prompt { get; init; } = "";

    /// <summary><c>owner/name</c>.</summary>
    public string Model { get; init; } = "";

    /// <summary>The seed; null if the model takes none.</summary>
    public long? Seed { get; init; }

    /// <summary>True if its generation is pinned.</summary>
    public bool Pinned { get; init; }

    /// <summary>The key's own tags, as many as fit into a row.</summary>
    public IReadOnlyList<string> Tags { get => field ?? []; init; }

    /// <summary>The number of tags that did not fit; <see cref="GenApiClient.ListTagsAsync(string, CancellationToken)"/> has all.</summary>
    public int MoreTags { get; init; }

    /// <summary>The picture as a blur (ThumbHash); null if it is not computed yet, or can't be.</summary>
    public byte[]? Thumbhash { get; init; }

    /// <summary>The time of the generation's acceptance.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Tags of an image or a key.</summary>
internal sealed record ImageTags
{
    public IReadOnlyList<string> Tags { get => field ?? []; init; }
}
