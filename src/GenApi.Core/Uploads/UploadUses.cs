using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Uploads;

/// <summary>
/// When uploads were last used, to the minute, until the sweeper writes it down: a request that names an upload must not cost a write. What
/// can be lost with the process is ten minutes of a week.
/// </summary>
internal sealed class UploadUses(IOptions<UploadsOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _uses = new();
    private readonly TimeSpan _keep = TimeSpan.FromHours(options.Value.KeepHours);

    /// <summary>Those not written down yet.</summary>
    public KeyValuePair<Guid, DateTimeOffset>[] All => [.. _uses];

    /// <summary>An upload that was not used after this moment has expired.</summary>
    public DateTimeOffset NotSince => time.GetUtcNow() - _keep;

    public void Used(Guid id)
    {
        var now = time.GetUtcNow();
        if (!_uses.TryGetValue(id, out var before) || now - before > Precision)
            _uses[id] = now;
    }

    public DateTimeOffset ExpiresAt(Upload upload) => LastUseOf(upload) + _keep;

    public bool HasExpired(Upload upload) => LastUseOf(upload) <= NotSince;

    /// <summary>It is in the rows now, unless it was used again meanwhile.</summary>
    public void Saved(KeyValuePair<Guid, DateTimeOffset> use) => _uses.TryRemove(use);

    public DateTimeOffset LastUseOf(Upload upload) => _uses.TryGetValue(upload.Id, out var used) && used > upload.LastUsedAt ? used : upload.LastUsedAt;
}
