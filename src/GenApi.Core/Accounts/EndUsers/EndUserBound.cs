using System.Collections.Concurrent;

namespace GenApi.Core.Accounts.EndUsers;

/// <summary>
/// Bounds what an account can name between two writes. Callers choose the names, so without a bound each request could add one more row,
/// and memory while the database can't be written.
/// </summary>
internal sealed class EndUserBound
{
    /// <summary>The most end users of one account between two writes.</summary>
    public const int MostEndUsers = 1_000;

    /// <summary>The most entries of one account between two writes, for all of its end users together.</summary>
    public const int MostEntries = 10_000;

    private readonly ConcurrentDictionary<Guid, Named> _accounts = [];

    /// <summary>Counts one more entry for an end user, if there is room for it.</summary>
    /// <param name="account">The account that names the end user.</param>
    /// <param name="endUser">See <see cref="EndUser.Id"/>.</param>
    /// <returns>False if the account has named too many end users, or has too many entries.</returns>
    public bool Admits(Guid account, string endUser) => _accounts.GetOrAdd(account, static _ => new Named()).Admits(endUser);

    /// <summary>Forgets what was counted, because it was written.</summary>
    public void Reset() => _accounts.Clear();

    private sealed class Named
    {
        private readonly Lock _lock = new();
        private readonly HashSet<string> _endUsers = new(StringComparer.Ordinal);
        private int _entries;

        public bool Admits(string endUser)
        {
            lock (_lock)
            {
                if (_entries >= MostEntries || (_endUsers.Count >= MostEndUsers && !_endUsers.Contains(endUser)))
                    return false;
                _endUsers.Add(endUser);
                _entries++;
                return true;
            }
        }
    }
}
