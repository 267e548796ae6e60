using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Uploads;

/// <summary>
/// Holds in memory when uploads were last used, to the minute, until the sweeper saves it: a request that names an upload must not cost a
/// write. A crash loses at most ten minutes of a week.
/// </summary>
public sealed class UploadUses(IOptions<UploadsOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _uses = new();
    private readonly TimeSpan _keep = TimeSpan.FromHours(options.Value.KeepHours);

    /// <summary>The uses that are not saved yet.</summary>
    public KeyValuePair<Guid, DateTimeOffset>[] All => [.. _uses];

    /// <summary>The time since which an upload must have been used; otherwise it has expired.</summary>
    public DateTimeOffset NotSince => time.GetUtcNow() - _keep;

    public void Used(Guid id)
    {
        var now = time.GetUtcNow();
        if (!_uses.TryGetValue(id, out var before) || now - before > Precision)
            _uses[id] = now;
    }

    public DateTimeOffset ExpiresAt(Upload upload) => LastUseOf(upload) + _keep;

    public bool HasExpired(Upload upload) => LastUseOf(upload) <= NotSince;

    /// <summary>Drops a saved use, unless the upload was used again meanwhile.</summary>
    public void Saved(KeyValuePair<Guid, DateTimeOffset> use) => _uses.TryRemove(use);

    public DateTimeOffset LastUseOf(Upload upload) =>
        _uses.TryGetValue(upload.Id, out var used) && used > upload.LastUsedAt ? used : upload.LastUsedAt;
}
