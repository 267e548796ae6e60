using GenApi.Core.Cluster;
using GenApi.Core.Errors;

namespace GenApi.Core.Accounts.Keys;

/// <summary>Finds keys that another instance has just made. Callers may use them before this instance knows of them.</summary>
public sealed class NewKeys(ApiKeys keys, ICluster cluster, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private long _readAt = long.MinValue;

    /// <summary>
    /// Returns whether a secret that is not known here may be known elsewhere: it has the form of a key, and there may be other instances.
    /// </summary>
    public bool MayHave(ReadOnlySpan<char> secret) => cluster.IsShared && KeySecret.IsWhole(secret);

    /// <summary>
    /// Reads what other instances have changed until now. All who ask meanwhile share the next reading, so wrong secrets cost one query at
    /// a time.
    /// </summary>
    /// <exception cref="GenApiException">The database can't be read.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_readAt > asked)
                return;
            _readAt = time.GetTimestamp();
            await keys.RefreshAsync(cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Finds the owner of a secret, here or elsewhere.</summary>
    /// <exception cref="GenApiException">The database can't be read.</exception>
    public async Task<KeyMatch> FindAsync(string secret, CancellationToken cancellationToken)
    {
        var match = keys.Find(secret);
        if (match.Caller is not null || !MayHave(secret))
            return match;
        await ReadAsync(cancellationToken);
        return keys.Find(secret);
    }

    public void Dispose() => _reading.Dispose();
}
