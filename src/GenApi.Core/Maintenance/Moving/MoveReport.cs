namespace GenApi.Core.Maintenance.Moving;

/// <summary>The result of a move.</summary>
public sealed record MoveReport
{
    /// <summary>The place of the rows before; null: the rows stayed.</summary>
    public string? From { get; init; }

    /// <summary>The place of the rows now; null: the rows stayed.</summary>
    public string? Into { get; init; }

    /// <summary>The number of tables.</summary>
    public int Tables { get; init; }

    /// <summary>The number of rows, each compared with its source.</summary>
    public long Rows { get; init; }

    /// <summary>The number of secrets.</summary>
    public int Secrets { get; init; }

    /// <summary>The number of blobs in the target, each read back and compared with its hash; null: the bytes stayed.</summary>
    public long? Blobs { get; init; }

    /// <summary>The number of their bytes.</summary>
    public long BlobBytes { get; init; }

    /// <summary>The keys of blobs that a row needs and that the source does not have.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>The keys of blobs whose bytes in the source do not match their hash. They were not moved.</summary>
    public IReadOnlyList<string> Damaged { get; init; } = [];

    /// <summary>
    /// The number of texts that had the character U+0000, by table and column. The target can't store it; it has U+FFFD in its place.
    /// </summary>
    public IReadOnlyDictionary<string, long> Changed { get; init; } = new Dictionary<string, long>();

    /// <summary>True if every byte that a row needs is in the target.</summary>
    public bool IsSound => Missing.Count == 0 && Damaged.Count == 0;
}
