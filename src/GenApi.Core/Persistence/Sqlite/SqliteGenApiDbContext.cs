using GenApi.Core.Persistence.Rows;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>The context of one SQLite file.</summary>
public sealed partial class SqliteGenApiDbContext(DbContextOptions<SqliteGenApiDbContext> options) : GenApiDbContext(options)
{
    /// <summary>The tables, indexes, triggers and first rows that the migrations make. A test writes it and compares.</summary>
    internal const string NewStore = "new-store.sql";

    private const int CorruptVirtualTable = 267;

    /// <summary>621355968000000000 is the ticks of 1970-01-01.</summary>
    private const string DayOfTicks = "date(({0} - 621355968000000000) / 10000000, 'unixepoch')";

    private static readonly LedgerWords Words = new(DayOfTicks, DayOfTicks, "lower(hex({0}))", "x'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF'");

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite has no type for these that it can order and compare: instants become UTC ticks, ids 16 bytes in network order.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<TicksConverter>();
        configurationBuilder.Properties<Guid>().HaveConversion<BytesConverter>();
    }

    internal override string? FilePath =>
        Database.GetDbConnection().DataSource is { Length: > 0 } source && !source.StartsWith(':')
            && !source.StartsWith("file:", StringComparison.Ordinal)
            ? Path.GetFullPath(source)
            : null;

    internal override Task<GenApiDbContext> ForWriterAsync(CancellationToken cancellationToken)
    {
        var writer = new SqliteGenApiDbContext((DbContextOptions<SqliteGenApiDbContext>)this.GetService<IDbContextOptions>());
        writer.Database.SetDbConnection(new PreparedConnection(Database.GetConnectionString()), contextOwnsConnection: true);
        return Task.FromResult<GenApiDbContext>(writer);
    }

    /// <summary>The last connection to close moves the log (-wal) into the file and removes the log.</summary>
    internal override Action PoolCloser()
    {
        var another = new SqliteConnection(Database.GetConnectionString());
        return () => SqliteConnection.ClearPool(another);
    }

    internal override async Task<IReadOnlyList<string>> AppliedMigrationsAsync(CancellationToken cancellationToken) =>
        SquashedMigrations.Replace(await HistoryAsync(cancellationToken));

    internal override async Task<bool> HasTablesAsync(CancellationToken cancellationToken) =>
        (await NamesAsync(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 4) <> '__EF' LIMIT 1", cancellationToken)).Count > 0;

    private async Task<IReadOnlyList<string>> HistoryAsync(CancellationToken cancellationToken) =>
        (await NamesAsync("SELECT name FROM sqlite_master WHERE type = 'table' AND name = "
            + "'__EFMigrationsHistory'", cancellationToken)).Count > 0
            ? await NamesAsync("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\" ORDER BY \"MigrationId\"", cancellationToken)
            : [];

    /// <summary>
    /// Reads the first column, past EF. Every start runs it, and EF would take a tenth of a second to model its table of migrations and to
    /// compile a query.
    /// </summary>
    private Task<List<string>> NamesAsync(string query, CancellationToken cancellationToken) =>
        this.QueryAsync(query, static row => row.Text(), cancellationToken);

    internal override async Task BeforeMigrationAsync(CancellationToken cancellationToken)
    {
        // It only takes effect while the file is empty; then the space of deleted rows can be returned a few pages at a time. A file that
        // was made without it gets it from fsck --repair.
        await Database.ExecuteSqlRawAsync("PRAGMA auto_vacuum=INCREMENTAL", cancellationToken);
        await Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
        // A killed migration leaves its lock behind, and the next one would wait for it for ever. The lock on the data directory proves
        // that no other process is migrating.
        await Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        if (SquashedMigrations.AreIn(await HistoryAsync(cancellationToken)))
            await RewriteHistoryAsync(cancellationToken);
    }

    /// <summary>
    /// Runs what all migrations together make, as one script: EF would compile its way through each of them. A first start by migrations
    /// that was killed has left their history, and nothing in it.
    /// </summary>
    internal override async Task MakeTablesAsync(CancellationToken cancellationToken)
    {
        await using var script = typeof(SqliteGenApiDbContext).Assembly.GetManifestResourceStream(NewStore)
            ?? throw new InvalidOperationException($"The resource {NewStore} is missing.");
        using var reader = new StreamReader(script);
        var text = await reader.ReadToEndAsync(cancellationToken);
        await using var transaction = await Database.BeginTransactionAsync(cancellationToken);
        await this.ExecuteAsync($"DROP TABLE IF EXISTS \"__EFMigrationsHistory\";\n{text}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Replaces the squashed migrations by the one they became, because EF reads the history itself when the next migration comes.
    /// </summary>
    private async Task RewriteHistoryAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await Database.BeginTransactionAsync(cancellationToken);
        foreach (var id in SquashedMigrations.Ids)
            await Database.ExecuteSqlAsync($"""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" = {id}""", cancellationToken);
        var (initial, version) = (SquashedMigrations.Initial, ProductInfo.GetVersion());
        await Database.ExecuteSqlAsync(
            $"""INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ({initial}, {version})""", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    internal override async Task<IReadOnlyList<string>> DamagesAsync(bool mayWrite, CancellationToken cancellationToken)
    {
        var found = await Database.SqlQuery<string>($"""SELECT integrity_check AS "Value" FROM pragma_integrity_check""")
            .ToListAsync(cancellationToken);
        found.Remove("ok");
        if (mayWrite && !await IsSearchWholeAsync(cancellationToken))
            found.Add("The search index does not match the prompts.");
        return found;
    }

    internal override async Task RebuildIndexesAsync(CancellationToken cancellationToken)
    {
        await Database.ExecuteSqlRawAsync("REINDEX", cancellationToken);
        await RebuildSearchAsync(cancellationToken);
    }

    /// <summary>Rewrites a loose file with VACUUM. A file from before auto_vacuum also gets that here.</summary>
    internal override async Task CompactAsync(CancellationToken cancellationToken)
    {
        var isLoose = await Database.SqlQuery<bool>(
            $"""
            SELECT auto_vacuum <> 2 OR freelist_count * 10 > page_count AS "Value"
            FROM pragma_auto_vacuum, pragma_freelist_count, pragma_page_count
            """).SingleAsync(cancellationToken);
        if (!isLoose)
            return;
        // On one connection: it holds the pragma until VACUUM uses it.
        await Database.OpenConnectionAsync(cancellationToken);
        await Database.ExecuteSqlRawAsync("PRAGMA auto_vacuum=INCREMENTAL", cancellationToken);
        await Database.ExecuteSqlRawAsync("VACUUM", cancellationToken);
        await Database.CloseConnectionAsync();
    }

    internal override async Task<GenApiDbContext> CopyToAsync(string path, CancellationToken cancellationToken)
    {
        var target = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
        await using (var connection = new SqliteConnection(target))
        {
            await connection.OpenAsync(cancellationToken);
            await Database.OpenConnectionAsync(cancellationToken);
            // All pages in one read transaction: writes go on meanwhile and are not in the copy.
            ((SqliteConnection)Database.GetDbConnection()).BackupDatabase(connection);
            await Database.CloseConnectionAsync();
            // One file, without a log next to it that could be forgotten; a service that starts on it turns the log on again. Its epoch is
            // 0, by which a running service notices a copy in the place of its database.
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=DELETE; PRAGMA user_version=0";
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        return new SqliteGenApiDbContext(
            new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite(target).AddInterceptors(new SqlitePragmas()).Options);
    }

    internal override IQueryable<T> Through<T>(string? index)
    {
        var table = Model.FindEntityType(typeof(T))!.GetTableName();
        // The names come from the model and from constants.
        var rows = $"SELECT * FROM \"{table}\" {(index is null ? "NOT INDEXED" : $"INDEXED BY \"{index}\"")}";
        return Set<T>().FromSqlRaw(rows);
    }

    internal override LedgerSums Sums => new(Database, Words);

    protected override object Stored(Guid id) => id.ToByteArray(true);

    internal sealed class TicksConverter() : ValueConverter<DateTimeOffset, long>(
        at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    internal sealed class BytesConverter() : ValueConverter<Guid, byte[]>(
        id => id.ToByteArray(true), bytes => new Guid(bytes, true));
}
