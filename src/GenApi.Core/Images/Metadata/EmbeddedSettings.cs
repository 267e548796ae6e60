namespace GenApi.Core.Images.Metadata;

/// <summary>The settings of a generation that go into a copy of one of its images.</summary>
public sealed record EmbeddedSettings
{
    public required string Prompt { get; init; }

    /// <summary>Null or empty: none was given.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public required string Model { get; init; }

    /// <summary>64 hexadecimal digits; null for official models.</summary>
    public string? Version { get; init; }

    /// <summary>Null: the model takes none.</summary>
    public long? Seed { get; init; }

    /// <summary>Null: the input names none.</summary>
    public int? Steps { get; init; }

    /// <summary>Null: the input names none.</summary>
    public double? Guidance { get; init; }

    /// <summary>In pixels, as displayed; null: not known.</summary>
    public int? Width { get; init; }

    /// <summary>As <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>The id that callers see: <c>gen_…</c>.</summary>
    public required string GenerationId { get; init; }

    /// <summary>The time when the generation was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
