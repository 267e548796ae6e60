using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Sqlite;

public sealed partial class SqliteGenApiDbContext
{
    /// <summary>400 kB, some milliseconds: other writes wait no longer.</summary>
    private const string ReturnHundredPages = "PRAGMA incremental_vacuum(100)";

    /// <summary>1 MB stays for new rows.</summary>
    private const long SparePages = 256;

    /// <summary>The log usually has 4 MB; only a slow reader lets it grow.</summary>
    private const long LongLog = 32 << 20;

    internal override async Task<string?> FirstDamageAsync(CancellationToken cancellationToken) =>
        (await NamesAsync("PRAGMA quick_check(1)", cancellationToken)) is [var first, ..] && first != "ok"
            ? first.ReplaceLineEndings(" ").Trim('*', ' ')
            : null;

    internal override async Task<bool> ReturnSpaceAsync(CancellationToken cancellationToken)
    {
        var before = await FreePagesAsync(cancellationToken);
        if (before <= SparePages)
            return false;
        await Database.ExecuteSqlRawAsync(ReturnHundredPages, cancellationToken);
        var after = await FreePagesAsync(cancellationToken);
        // A file from before auto_vacuum keeps its size.
        return after < before && after > SparePages;
    }

    internal override Task<long?> SizeAsync(CancellationToken cancellationToken) => Task.FromResult<long?>(FilePath is not { } path
        ? null
        : new[] { path, path + "-wal" }.Select(file => new FileInfo(file)).Where(file => file.Exists).Sum(file => file.Length));

    internal override async Task<WriteTransaction> BeginWriteAsync(
        WriteMark mark, bool isRepeat, int works, CancellationToken cancellationToken)
    {
        var transaction = await Database.BeginTransactionAsync(cancellationToken);
        return new SqliteWrite(transaction, works, ((SqliteConnection)Database.GetDbConnection()).Handle!);
    }

    /// <summary>Rewrites the epoch in the header (<see cref="DatabaseWatch"/>); SQLite writes it even when it does not change.</summary>
    internal override async Task RewriteAsync(CancellationToken cancellationToken)
    {
        var epoch = await Database.SqlQuery<long>($"""SELECT user_version AS "Value" FROM pragma_user_version""")
            .SingleAsync(cancellationToken);
        var write = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA user_version={epoch}");
        await Database.ExecuteSqlRawAsync(write, cancellationToken);
    }

    internal override Task RefreshPlansAsync(CancellationToken cancellationToken) =>
        Database.ExecuteSqlRawAsync("PRAGMA optimize", cancellationToken);

    internal override async Task ShortenLogAsync(CancellationToken cancellationToken)
    {
        if (FilePath is not { } path || new FileInfo(path + "-wal") is not { Exists: true, Length: > LongLog })
            return;
        await Database.OpenConnectionAsync(cancellationToken);
        try
        {
            // Writers wait while this waits for readers, so it waits only briefly.
            await Database.ExecuteSqlRawAsync("PRAGMA busy_timeout=100", cancellationToken);
            await Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
        }
        finally
        {
            await Database.ExecuteSqlRawAsync(SqlitePragmas.Patience, CancellationToken.None);
            await Database.CloseConnectionAsync();
        }
    }

    private Task<long> FreePagesAsync(CancellationToken cancellationToken) =>
        Database.SqlQuery<long>($"""SELECT freelist_count AS "Value" FROM pragma_freelist_count""").SingleAsync(cancellationToken);
}
