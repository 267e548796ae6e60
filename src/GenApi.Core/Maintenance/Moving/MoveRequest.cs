namespace GenApi.Core.Maintenance.Moving;

/// <summary>A request for a move. At least one of <see cref="To"/> and <see cref="Blobs"/> is set.</summary>
public sealed record MoveRequest
{
    /// <summary>The engine that the rows are moved to, <c>sqlite</c> or <c>postgres</c>; null: the rows stay.</summary>
    public string? To { get; init; }

    /// <summary>The connection string of the source; null: that of the settings, or <c>genapi.db</c> in the data directory.</summary>
    public string? From { get; init; }

    /// <summary>The connection string of the target; null: as for <see cref="From"/>.</summary>
    public string? Into { get; init; }

    /// <summary>The provider that the bytes are moved to, <c>disk</c> or <c>s3</c>; null: the bytes stay.</summary>
    public string? Blobs { get; init; }
}
