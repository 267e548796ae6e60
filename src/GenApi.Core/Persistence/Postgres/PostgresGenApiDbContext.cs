using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Npgsql;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>The context of one PostgreSQL database, which several instances may share.</summary>
public sealed partial class PostgresGenApiDbContext(DbContextOptions<PostgresGenApiDbContext> options)
    : GenApiDbContext(options), ISendingContext
{
    /// <summary>621355968000000000 is the ticks of 1970-01-01, 864000000000 those of a day.</summary>
    private const string DayOfTicks = "(DATE '1970-01-01' + (({0} - 621355968000000000) / 864000000000)::integer)";

    private static readonly LedgerWords Words = new(
        DayOfTicks, $"to_char({DayOfTicks}, 'YYYY-MM-DD')", "replace({0}::text, '-', '')",
        "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid", "SET LOCAL statement_timeout = 0");

    internal override bool IsServer => true;

    /// <summary>That of the writer's transaction, or of its last one; null on every other context.</summary>
    internal PostgresSender? Sender { get; private set; }

    IStatementSender? ISendingContext.Sender => Sender;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // The server's type has microseconds: a value read back would differ from the one in memory. Ticks are the same on every engine.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<TicksConverter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
            Compare(entity);
    }

    /// <summary>
    /// Statements are prepared only on the server itself. A pooler in transaction mode gives each transaction another session, which does
    /// not know what was prepared in the one before. A pooler gives its clients other process numbers than the server does.
    /// </summary>
    internal override async Task<GenApiDbContext> ForWriterAsync(CancellationToken cancellationToken)
    {
        await Database.OpenConnectionAsync(cancellationToken);
        var process = await Database.SqlQuery<int>($"""SELECT pg_backend_pid() AS "Value" """).SingleAsync(cancellationToken);
        var isDirect = process == Connection.ProcessID;
        await Database.CloseConnectionAsync();
        var writer = new PostgresGenApiDbContext((DbContextOptions<PostgresGenApiDbContext>)this.GetService<IDbContextOptions>());
        if (isDirect && PostgresSource.Prepared(writer.Database.GetConnectionString()!) is { } prepared)
            writer.Database.SetDbConnection(prepared, contextOwnsConnection: true);
        return writer;
    }

    internal override async Task<WriteTransaction> BeginWriteAsync(
        WriteMark mark, bool isRepeat, int works, CancellationToken cancellationToken)
    {
        Sender = null;
        var transaction = await Database.BeginTransactionAsync(cancellationToken);
        var sender = new PostgresSender(this, Connection);
        var write = await PostgresWrite.BeginAsync(transaction, Connection, sender, mark, isRepeat, works, cancellationToken);
        Sender = sender;
        return write;
    }

    internal override async Task<long?> SizeAsync(CancellationToken cancellationToken) => await Database.SqlQuery<long>(
        $"""SELECT pg_database_size(current_database()) AS "Value" """).SingleAsync(cancellationToken);

    internal override Action PoolCloser() => static () => { };

    internal override async Task<IReadOnlyList<string>> AppliedMigrationsAsync(CancellationToken cancellationToken) =>
        await NamesAsync(PostgresSchema.HasHistory, cancellationToken) is { Count: > 0 }
            ? await NamesAsync(PostgresSchema.History, cancellationToken)
            : [];

    internal override async Task<bool> HasTablesAsync(CancellationToken cancellationToken) =>
        (await NamesAsync(PostgresSchema.AnyTable, cancellationToken)).Count > 0;

    internal override async Task<IReadOnlyList<string>> DamagesAsync(bool mayWrite, CancellationToken cancellationToken) =>
        await IsSearchWholeAsync(cancellationToken) ? [] : ["The search index does not match the prompts."];

    /// <summary>None: PostgreSQL checks pages itself when it reads them, if the cluster was made with checksums.</summary>
    internal override Task<string?> FirstDamageAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    internal override async Task RebuildIndexesAsync(CancellationToken cancellationToken)
    {
        foreach (var table in Model.GetEntityTypes().Select(entity => entity.GetTableName()).Distinct())
        {
            // The names come from the model.
            var rebuild = $"REINDEX TABLE \"{table}\"";
            await Database.ExecuteSqlRawAsync(rebuild, cancellationToken);
        }
        await RebuildSearchAsync(cancellationToken);
    }

    /// <summary>Does nothing: the server's own vacuum uses the space of deleted rows again.</summary>
    internal override Task CompactAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes a transaction number, after which the writer stores its mark.</summary>
    internal override Task RewriteAsync(CancellationToken cancellationToken) =>
        Database.ExecuteSqlRawAsync("SELECT pg_current_xact_id()", cancellationToken);

    /// <exception cref="NotSupportedException">Always: a server is copied by its own tools.</exception>
    internal override Task<GenApiDbContext> CopyToAsync(string path, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A PostgreSQL database is copied with pg_dump.");

    /// <summary>Queries the rows. PostgreSQL has no hints for indexes; its statistics decide.</summary>
    internal override IQueryable<T> Through<T>(string? index) => Set<T>();

    internal override LedgerSums Sums => new(Database, Words);

    protected override object Stored(Guid id) => id;

    private NpgsqlConnection Connection => (NpgsqlConnection)Database.GetDbConnection();

    /// <summary>
    /// Compares texts by their bytes, as SQLite and our own code do. A linguistic order would end lists early and find other keys. No
    /// length is set, because SQLite has no limit either.
    /// </summary>
    private static void Compare(IMutableTypeBase type)
    {
        foreach (var property in type.GetDeclaredProperties())
        {
            var stored = property.GetValueConverter()?.ProviderClrType ?? property.GetProviderClrType() ?? property.ClrType;
            if (stored != typeof(string))
                continue;
            property.SetColumnType("text");
            property.SetCollation("C");
        }
        foreach (var complex in type.GetDeclaredComplexProperties())
            Compare(complex.ComplexType);
    }

    /// <summary>Reads the first column of a constant query, past EF, which takes a tenth of a second to model its own table.</summary>
    private Task<List<string>> NamesAsync(string query, CancellationToken cancellationToken) =>
        this.QueryAsync(query, static row => row.Text(), cancellationToken);

    internal sealed class TicksConverter() : ValueConverter<DateTimeOffset, long>(
        at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
