namespace GenApi.Client;

/// <summary>An uploaded picture, which requests use as an input by its id.</summary>
public sealed record Upload
{
    /// <summary><c>upl_</c> and 26 characters.</summary>
    public string Id { get; init; } = "";

    /// <summary>The content type, such as <c>image/png</c>.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>In pixels.</summary>
    public int Width { get; init; }

    /// <summary>In pixels.</summary>
    public int Height { get; init; }

    /// <summary>The number of bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>SHA-256 of the bytes, in 64 hexadecimal digits.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The time of the upload.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time at which it expires; each use postpones it.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The absolute address of its description, not of its bytes.</summary>
    public string Url { get; init; } = "";
}
