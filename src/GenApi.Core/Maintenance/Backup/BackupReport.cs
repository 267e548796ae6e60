using System.Text.Json.Serialization;

namespace GenApi.Core.Maintenance.Backup;

/// <summary>What is in a backup; written into it as <c>manifest.json</c>, whose presence says that the backup is whole.</summary>
public sealed record BackupReport
{
    public string Format { get; init; } = "genapi-backup/1";

    /// <summary>The moment of the database in it.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    public required long Generations { get; init; }

    /// <summary>Those that were running or waiting. The ones that waited are looked for at the upstream before they are sent: the service may have sent them since.</summary>
    public required int Unfinished { get; init; }

    public required string DatabaseSha256 { get; init; }

    public required long DatabaseBytes { get; init; }

    public required int Blobs { get; init; }

    public required long BlobBytes { get; init; }

    /// <summary>So many of <see cref="Blobs"/> share their bytes with the store or with an earlier backup.</summary>
    public required int Shared { get; init; }

    /// <summary>Keys that rows name and the store does not have: it was damaged before.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Keys whose bytes in the store are not those of their hash; they are in the backup as they are.</summary>
    public required IReadOnlyList<string> Damaged { get; init; }

    /// <summary>Why the data directory does not remember this backup; null: it does.</summary>
    [JsonIgnore]
    public string? NotWritten { get; init; }

    [JsonIgnore]
    public bool IsSound => Missing.Count == 0 && Damaged.Count == 0;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(BackupReport))]
internal sealed partial class BackupJsonContext : JsonSerializerContext;
