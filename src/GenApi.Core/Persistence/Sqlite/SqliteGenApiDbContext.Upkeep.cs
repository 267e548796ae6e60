using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace GenApi.Core.Persistence.Sqlite;

public sealed partial class SqliteGenApiDbContext
{
    /// <summary>400 kB, some milliseconds: who writes meanwhile waits for no more.</summary>
    private const string GiveBackHundredPages = "PRAGMA incremental_vacuum(100)";

    /// <summary>1 MB is kept for the rows to come.</summary>
    private const long PagesWorthKeeping = 256;

    /// <summary>It is 4 MB as a rule; only a reader that takes long lets it grow.</summary>
    private const long LogWorthShortening = 32 << 20;

    internal override async Task<string?> FirstDamageAsync(CancellationToken cancellationToken) =>
        (await NamesAsync("PRAGMA quick_check(1)", cancellationToken)) is [var first, ..] && first != "ok" ? first.ReplaceLineEndings(" ").Trim('*', ' ') : null;

    internal override async Task<bool> GiveBackRoomAsync(CancellationToken cancellationToken)
    {
        var before = await FreePagesAsync(cancellationToken);
        if (before <= PagesWorthKeeping)
            return false;
        await Database.ExecuteSqlRawAsync(GiveBackHundredPages, cancellationToken);
        var after = await FreePagesAsync(cancellationToken);
        // A file that was made before it could give room back stays as it is.
        return after < before && after > PagesWorthKeeping;
    }

    internal override int ChangedRows => raw.sqlite3_total_changes(((SqliteConnection)Database.GetDbConnection()).Handle);

    /// <summary>The epoch in the header (<see cref="DatabaseWatch"/>), which SQLite writes whether or not it is another.</summary>
    internal override async Task RewriteAsync(CancellationToken cancellationToken)
    {
        var epoch = await Database.SqlQuery<long>($"""SELECT user_version AS "Value" FROM pragma_user_version""")
            .SingleAsync(cancellationToken);
        var write = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA user_version={epoch}");
        await Database.ExecuteSqlRawAsync(write, cancellationToken);
    }

    internal override Task RefreshPlansAsync(CancellationToken cancellationToken) => Database.ExecuteSqlRawAsync("PRAGMA optimize", cancellationToken);

    internal override async Task ShortenLogAsync(CancellationToken cancellationToken)
    {
        if (FilePath is not { } path || new FileInfo(path + "-wal") is not { Exists: true, Length: > LogWorthShortening })
            return;
        await Database.OpenConnectionAsync(cancellationToken);
        try
        {
            // Writers wait while this waits for readers, so it waits for a moment only.
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
