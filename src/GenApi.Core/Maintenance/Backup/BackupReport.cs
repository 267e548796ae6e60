using System.Text.Json.Serialization;

namespace GenApi.Core.Maintenance.Backup;

/// <summary>The contents of a backup. It is written as <c>manifest.json</c>, whose presence says that the backup is complete.</summary>
public sealed record BackupReport
{
    public string Format { get; init; } = "genapi-backup/1";

    /// <summary>The moment that the database in it shows.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    public required long Generations { get; init; }

    /// <summary>
    /// Generations that were running or waiting. A restored service searches for the waiting ones at the upstream before it sends them: the
    /// service that made the backup may have sent them since.
    /// </summary>
    public required int Unfinished { get; init; }

    public required string DatabaseSha256 { get; init; }

    public required long DatabaseBytes { get; init; }

    public required int Blobs { get; init; }

    public required long BlobBytes { get; init; }

    /// <summary>The number of <see cref="Blobs"/> that share their bytes with the store or with an earlier backup.</summary>
    public required int Shared { get; init; }

    /// <summary>Keys that rows name but the store does not have: the store was damaged before.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Keys whose bytes in the store don't match their hash; the backup contains them unchanged.</summary>
    public required IReadOnlyList<string> Damaged { get; init; }

    /// <summary>The reason why the data directory has no record of this backup; null: it has one.</summary>
    [JsonIgnore]
    public string? NotWritten { get; init; }

    [JsonIgnore]
    public bool IsSound => Missing.Count == 0 && Damaged.Count == 0;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(BackupReport))]
internal sealed partial class BackupJsonContext : JsonSerializerContext;
