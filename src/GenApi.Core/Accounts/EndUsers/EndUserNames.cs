using System.Collections.Concurrent;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Accounts.EndUsers;

/// <summary>
/// Remembers the email addresses and names that requests give for end users, for reports. It is on the path of every answer, so it only
/// notes what is new in memory, and <see cref="FlushAsync"/> writes it. A crash loses what was not written yet; the next request of the
/// same person brings it again.
/// </summary>
public sealed class EndUserNames(DatabaseWriter writer, TimeProvider time)
{
    /// <summary>Beyond this many, what is known is forgotten, and compared with the rows again.</summary>
    private const int MostKnown = 10_000;

    /// <summary>More rows in one transaction would make other writers wait for it.</summary>
    private const int RowsPerWork = 100, NamesPerQuery = 500;

    private readonly ConcurrentDictionary<(Guid Account, string Id), EndUser> _known = [];
    private readonly ConcurrentDictionary<(Guid Account, string Id), EndUser> _changed = [];
    private readonly EndUserBound _named = new();

    /// <summary>
    /// Notes the address and name of a person, unless they are known already or the account has named too many
    /// (<see cref="EndUserBound"/>).
    /// </summary>
    public void Note(Guid account, EndUser user)
    {
        if (user is { Email: null, Name: null })
            return;
        var key = (account, user.Id);
        if ((_known.TryGetValue(key, out var known) && known == user) || _changed.Count >= MostKnown || !_named.Admits(account, user.Id))
            return;
        if (_known.Count >= MostKnown)
            _known.Clear();
        // First to be written, then known: the other way round, a failure in between would lose it.
        _changed[key] = user;
        _known[key] = user;
    }

    /// <summary>Writes what is new. What can't be written stays.</summary>
    /// <exception cref="Errors.GenApiException">The database can't be written.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var part in _changed.ToArray().Chunk(RowsPerWork))
        {
            await writer.WriteAsync(async (db, token) =>
            {
                foreach (var (key, user) in part)
                    await WriteAsync(db, key.Account, user, token);
                await db.SaveChangesAsync(token);
            }, cancellationToken);
            // One that has changed again meanwhile stays for the next round.
            foreach (var each in part)
                _changed.TryRemove(each);
        }
        _named.Reset();
    }

    /// <summary>Returns what is known of some people: of the account, or of all accounts, where the newest entry of an id counts.</summary>
    internal static async Task<IReadOnlyDictionary<string, EndUser>> ReadAsync(
        GenApiDbContext db, Guid? account, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, EndUser>(StringComparer.Ordinal);
        foreach (var part in ids.Chunk(NamesPerQuery))
        {
            var rows = db.Set<EndUserRecord>().AsNoTracking()
                .Where(row => part.Contains(row.Id) && (account == null || row.AccountId == account))
                .OrderBy(row => row.SeenAt);
            await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
                found[row.Id] = new(row.Id, row.Email, row.Name);
        }
        return found;
    }

    /// <summary>Adds or changes a row. What a request leaves out stays as it was.</summary>
    private async Task WriteAsync(GenApiDbContext db, Guid account, EndUser user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var rows = db.Set<EndUserRecord>().Where(row => row.AccountId == account && row.Id == user.Id);
        if (await rows.AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } known)
            db.Add(new EndUserRecord { AccountId = account, Id = user.Id, Email = user.Email, Name = user.Name, SeenAt = now });
        else if ((user.Email ?? known.Email, user.Name ?? known.Name) is var (email, name) && (email, name) != (known.Email, known.Name))
        {
            await rows.ExecuteUpdateAsync(
                set => set.SetProperty(row => row.Email, email).SetProperty(row => row.Name, name).SetProperty(row => row.SeenAt, now),
                cancellationToken);
        }
    }
}
