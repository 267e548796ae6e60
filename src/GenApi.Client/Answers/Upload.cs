namespace GenApi.Client;

/// <summary>A picture from outside, to be used as an input by its id.</summary>
public sealed record Upload
{
    /// <summary><c>upl_</c> and 26 characters.</summary>
    public string Id { get; init; } = "";

    /// <summary>What the bytes are, such as <c>image/png</c>.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>In pixels.</summary>
    public int Width { get; init; }

    /// <summary>In pixels.</summary>
    public int Height { get; init; }

    /// <summary>How many bytes it has.</summary>
    public long Bytes { get; init; }

    /// <summary>SHA-256 of the bytes, in 64 hexadecimal digits.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>When it came.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on it is unknown; each use moves this on.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Absolute; its facts are there, not its bytes.</summary>
    public string Url { get; init; } = "";
}
