using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.RateLimits;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Accounts.Keys;

/// <summary>
/// Manages API keys: it identifies the owner of a secret, and applies an administrator's changes. A change made here applies once its
/// method returns; a change by another process or instance (<c>genapi keys …</c>) applies within <see cref="KeyWatch.Beat"/>.
/// </summary>
public sealed class ApiKeys : IDisposable
{
    private const int MostRaces = 3;

    /// <summary>The time after which the last uses that other instances have saved are read.</summary>
    private static readonly TimeSpan ReloadAfter = TimeSpan.FromSeconds(15);

    private const string LastRevision = """SELECT MAX("Revision") FROM "ApiKeys" """;

    private static readonly string All = ApiKey.Rows.Select("""ORDER BY t."Id" """);

    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly DatabaseWriter _writer;
    private readonly TimeProvider _time;
    private readonly AccountsOptions _options;
    private readonly AuditLog _audit;
    private readonly SemaphoreSlim _loading = new(1);
    private readonly CancellationTokenSource _closed = new();
    private readonly (byte[] Hash, Caller Caller)? _admin;
    private volatile KeyRing _ring;
    private int _instances = 1;
    private long _loadedAt;

    public ApiKeys(
        IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, IOptions<AccountsOptions> options, AuditLog audit,
        TimeProvider time)
    {
        (_contexts, _writer, _audit, _time, _options) = (contexts, writer, audit, time, options.Value);
        if (options.Value.AdminKey is { Length: > 0 } secret)
        {
            var hash = new byte[32];
            KeySecret.Hash(secret, hash);
            _admin = (hash, new Caller(FixedAccounts.AdminKeyId, true, "Accounts:AdminKey", KeyRights.Admin, CancellationToken.None));
        }
        _ring = new KeyRing([], _admin);
        Open = new Caller(FixedAccounts.OpenId, false, "open", KeyRights.Generate | KeyRights.Read | KeyRights.Admin, _closed.Token);
        Anonymous = new(
            FixedAccounts.AnonymousId, false, "anonymous", KeyRights.Generate | KeyRights.Read, CancellationToken.None,
            new(_options.RequestsPerMinute, _options.GenerationsPerMinute, time));
    }

    /// <summary>The service itself, for runs that only keep models warm.</summary>
    internal static Caller KeepWarm { get; } =
        new(FixedAccounts.KeepWarmId, false, "keep-warm", KeyRights.Generate | KeyRights.Read, CancellationToken.None);

    /// <summary>Everyone, while there are no keys.</summary>
    public Caller Open { get; }

    /// <summary>Callers without a key, if they are allowed; they share one account.</summary>
    public Caller Anonymous { get; }

    /// <summary>True if there is any key, usable or not.</summary>
    public bool HasKeys => _ring.HasKeys;

    public KeyMatch Find(ReadOnlySpan<char> secret) => _ring.Find(secret, _time.GetUtcNow());

    /// <summary>Finds the key of a session, as it is now.</summary>
    public KeyMatch Find(KeyStamp stamp) => _ring.Find(stamp, _time.GetUtcNow());

    /// <summary>Returns what a session of the caller remembers; null for a caller without a key, or one whose key is gone.</summary>
    public KeyStamp? StampOf(Caller caller) => _ring.StampOf(caller);

    /// <summary>Lists the keys in the order in which they were made.</summary>
    public IReadOnlyList<KeyDetails> List() => [.. _ring.Keys.Select(Details)];

    /// <exception cref="GenApiException">NotFound.</exception>
    public KeyDetails Get(Guid id) => Held(id) is { } held ? Details(held) : throw Unknown();

    /// <summary>Finds a key's row; null for an account without a key.</summary>
    internal ApiKey? RowOf(Guid account) => Held(account)?.Row;

    /// <summary>Returns the name of an account for people: the name of its key, or its word in <see cref="AccountNames"/>.</summary>
    internal string NameOf(Guid account) => RowOf(account)?.Name ?? AccountNames.Of(account);

    /// <summary>As <see cref="NameOf"/>, without a search among the keys if the caller asks about its own account.</summary>
    internal string NameFor(Caller caller, Guid account) =>
        AccountNames.WordOf(account) ?? (caller.AccountId == account ? caller.Name : NameOf(account));

    /// <summary>Returns whether the account belongs to a revoked key, so that no one can sign in to it any longer.</summary>
    public bool IsRevoked(Guid account) => RowOf(account)?.RevokedAt is not null;

    public async Task<MadeKey> CreateAsync(KeyTerms terms, Actor by, CancellationToken cancellationToken)
    {
        for (var race = 1; ; race++)
        {
            var secret = KeySecret.Make();
            try
            {
                var row = await WriteAsync((db, revision) =>
                {
                    var made = ApiKey.Make(terms, secret, _time.GetUtcNow(), revision);
                    db.Add(made);
                    return Task.FromResult((made, (AuditEntry?)_audit.Add(db, by, "key.create", made, AuditLog.Words(terms))));
                }, cancellationToken);
                return new(row, secret);
            }
            catch (Exception failure) when (race < MostRaces && DatabaseFaults.IsUniqueViolation(failure))
            {
                // Two prefixes of eight characters were equal.
            }
        }
    }

    /// <exception cref="GenApiException">NotFound, or Conflict: the key is revoked.</exception>
    public Task<ApiKey> ChangeAsync(Guid id, Func<KeyTerms, KeyTerms> change, Actor by, CancellationToken cancellationToken) =>
        WriteAsync(async (db, revision) =>
        {
            var row = await UsableAsync(db, id);
            var before = row.Terms;
            row.Change(change(before), revision);
            return (row, _audit.Add(db, by, "key.change", row, $"{AuditLog.Words(row.Terms)}; before: {AuditLog.Words(before)}"));
        }, cancellationToken);

    /// <summary>Rotates the secret of a key.</summary>
    /// <exception cref="GenApiException">NotFound, or Conflict: the key is revoked.</exception>
    public async Task<MadeKey> RotateAsync(Guid id, Actor by, CancellationToken cancellationToken)
    {
        var secret = KeySecret.Make();
        return new(await WriteAsync(async (db, revision) =>
        {
            var row = await UsableAsync(db, id);
            row.Replace(secret, revision);
            return (row, _audit.Add(db, by, "key.rotate", row, null));
        }, cancellationToken), secret);
    }

    /// <summary>Rotates the secret of a key's webhooks; the key's own secret stays.</summary>
    /// <exception cref="GenApiException">NotFound, or Conflict: the key is revoked, or this was done too often.</exception>
    internal Task<ApiKey> RotateWebhookSecretAsync(Guid id, Actor by, CancellationToken cancellationToken) =>
        WriteAsync(async (db, revision) =>
        {
            var row = await UsableAsync(db, id);
            row.ReplaceWebhookSecret(_time.GetUtcNow(), revision);
            return (row, _audit.Add(db, by, "key.rotate_webhook_secret", row, null));
        }, cancellationToken);

    /// <summary>Revokes a key for good. Revoking a revoked key changes nothing.</summary>
    /// <exception cref="GenApiException">NotFound.</exception>
    public Task<ApiKey> RevokeAsync(Guid id, Actor by, CancellationToken cancellationToken) => WriteAsync(async (db, revision) =>
    {
        var row = await FindAsync(db, id);
        if (row.RevokedAt is not null)
            return (row, null);
        row.Revoke(_time.GetUtcNow(), revision);
        return (row, _audit.Add(db, by, "key.revoke", row, null));
    }, cancellationToken);

    /// <summary>Reloads all keys.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        // One at a time, so that an older reading never replaces a newer one.
        await _loading.WaitAsync(cancellationToken);
        try
        {
            _loadedAt = _time.GetTimestamp();
            Replace(await _contexts.ReadAsync(
                db => ApiKey.Rows.ListAsync(db, All, cancellationToken), cancellationToken));
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose()
    {
        _loading.Dispose();
        _closed.Dispose();
    }

    /// <summary>Reloads the keys if another process has changed one.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var revision = await _contexts.ReadAsync(
            db => db.QueryAsync(LastRevision, static row => row.LongOrNull(), cancellationToken), cancellationToken);
        if ((revision[0] ?? 0) != _ring.Revision || (_instances > 1 && _time.GetElapsedTime(_loadedAt) > ReloadAfter))
            await LoadAsync(cancellationToken);
        EndUnusable();
    }

    /// <summary>Divides the limits of callers among instances that take requests of the same callers.</summary>
    internal void ShareAmong(int instances)
    {
        if (instances == _instances)
            return;
        _instances = instances;
        Anonymous.Limits.ShareAmong(instances);
        foreach (var held in _ring.Keys)
            held.Caller.Limits.ShareAmong(instances);
    }

    /// <summary>Saves when keys were last used, in one transaction.</summary>
    internal async Task SaveUsesAsync(CancellationToken cancellationToken)
    {
        var uses = _ring.Keys
            .Select(each => (each.Row.Id, each.Activity, At: each.Activity.Unsaved()))
            .Where(use => use.At is not null)
            .ToList();
        if (uses.Count == 0)
            return;
        var isAlone = _instances == 1;
        await _writer.WriteAsync(async (db, token) =>
        {
            foreach (var (id, _, at) in uses)
            {
                // Another instance may have seen a later use.
                await db.Set<ApiKey>().Where(key => key.Id == id && (isAlone || key.LastUsedAt == null || key.LastUsedAt < at))
                    .ExecuteUpdateAsync(set => set.SetProperty(key => key.LastUsedAt, at), token);
            }
        }, cancellationToken);
        foreach (var (_, activity, at) in uses)
            activity.Saved(at!.Value);
    }

    private HeldKey? Held(Guid id) => _ring.Keys.FirstOrDefault(each => each.Row.Id == id);

    /// <summary>The last use is this instance's, or a later one that another instance has saved.</summary>
    private KeyDetails Details(HeldKey held) => new(
        held.Row,
        _instances > 1 && held.Row.LastUsedAt is { } saved && !(held.Activity.LastUsedAt > saved) ? saved : held.Activity.LastUsedAt);

    private static async Task<ApiKey> FindAsync(GenApiDbContext db, Guid id) =>
        await db.Set<ApiKey>().FirstOrDefaultAsync(key => key.Id == id) ?? throw Unknown();

    private static async Task<ApiKey> UsableAsync(GenApiDbContext db, Guid id) =>
        await FindAsync(db, id) is { RevokedAt: null } row
            ? row
            : throw new GenApiException(ErrorKind.Conflict, "The key is revoked for good. Make another one.");

    private static GenApiException Unknown() => new(ErrorKind.NotFound, "There is no such key.");

    private async Task<ApiKey> WriteAsync(
        Func<GenApiDbContext, long, Task<(ApiKey Row, AuditEntry? Entry)>> change, CancellationToken cancellationToken)
    {
        var (row, entry) = await _writer.WriteAsync(async (db, token) =>
        {
            var revision = 1 + (await db.Set<ApiKey>().MaxAsync(key => (long?)key.Revision, token) ?? 0);
            var changed = await change(db, revision);
            await db.SaveChangesAsync(token);
            return changed;
        }, cancellationToken);
        _audit.LogCommitted(entry);
        // The change is on disk, even if the caller goes away.
        await LoadAsync(CancellationToken.None);
        return row;
    }

    private void Replace(IReadOnlyList<ApiKey> rows)
    {
        var before = _ring.Keys.ToDictionary(held => held.Row.Id);
        _ring = new KeyRing([.. rows.Select(row => Held(row, before.GetValueOrDefault(row.Id)))], _admin);
        EndUnusable();
    }

    private HeldKey Held(ApiKey row, HeldKey? before)
    {
        var goesOn = before is not null && before.Row.Prefix == row.Prefix && (before.Row.Rights & ~row.Rights) == 0
            && (IsUnusable(row) || !before.Activity.Ended.IsCancellationRequested);
        if (!goesOn)
            before?.Activity.End();
        var activity = goesOn ? before!.Activity : new KeyActivity(before?.Activity.LastUsedAt ?? row.LastUsedAt);
        return new HeldKey(row, activity, new Caller(row.Id, true, row.Name, row.Rights, activity.Ended, Limits(row, before)));
    }

    /// <summary>Creates the limits of a key. What was used of a limit carries over, unless the limit itself was changed.</summary>
    private CallerLimits Limits(ApiKey row, HeldKey? before)
    {
        var requests = row.RequestsPerMinute ?? _options.RequestsPerMinute;
        var generations = row.GenerationsPerMinute ?? _options.GenerationsPerMinute;
        return before?.Caller.Limits is { } limits && limits.Are(requests, generations)
            ? limits
            : new(requests, generations, _time, _instances);
    }

    private bool IsUnusable(ApiKey row) => row.RevokedAt is not null || row.ExpiresAt <= _time.GetUtcNow();

    /// <summary>Ends everything that callers of unusable keys wait for.</summary>
    private void EndUnusable()
    {
        foreach (var held in _ring.Keys.Where(each => IsUnusable(each.Row)))
            held.Activity.End();
        if (HasKeys)
            _closed.Cancel();
    }
}
