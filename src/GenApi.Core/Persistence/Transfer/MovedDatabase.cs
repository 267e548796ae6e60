using GenApi.Core.Errors;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Postgres;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GenApi.Core.Persistence.Transfer;

/// <summary>One of the two databases of a move. The move alone uses it, from <see cref="TakeAsync"/> on.</summary>
internal sealed class MovedDatabase : IAsyncDisposable
{
    /// <summary>The engines, as <c>Database:Provider</c> names them.</summary>
    public const string Sqlite = "sqlite", Postgres = "postgres";

    private readonly PostgresSource? _source;
    private readonly bool _mayExist;

    private MovedDatabase(string engine, string name, GenApiDbContext db, PostgresSource? source, bool mayExist)
    {
        (Engine, Name, Db, _source, _mayExist) = (engine, name, db, source, mayExist);
        Rows = source is null ? new SqliteRows(db) : new PostgresRows(db);
    }

    public string Engine { get; }

    /// <summary>The place of the database, for messages: without a password.</summary>
    public string Name { get; }

    public GenApiDbContext Db { get; }

    public StoreRows Rows { get; }

    /// <summary>Opens the secrets of the store.</summary>
    /// <param name="options">The key to those in a database.</param>
    /// <param name="directory">The folder of those in files.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SettingException">The key is missing, or the store was made with another one.</exception>
    public async Task<ISecretStore> OpenSecretsAsync(
        SecretOptions options, DataDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        if (_source is null)
            return new FileSecrets(directory);
        var secrets = new DatabaseSecrets(_source, time, Options.Create(options));
        await secrets.PrepareAsync(cancellationToken);
        return secrets;
    }

    /// <summary>Describes a database. It connects to nothing yet.</summary>
    /// <param name="engine"><see cref="Sqlite"/> or <see cref="Postgres"/>.</param>
    /// <param name="connectionString">The place; empty: <c>genapi.db</c> in the data directory.</param>
    /// <param name="directory">The data directory.</param>
    /// <exception cref="SettingException">The connection string can't be used.</exception>
    public static MovedDatabase Open(string engine, string connectionString, DataDirectory directory)
    {
        var options = Options.Create(new DatabaseOptions
        {
            DataDirectory = directory.Root,
            Provider = engine,
            ConnectionString = connectionString,
        });
        if (engine == Postgres)
        {
            var source = new PostgresSource(options);
            var postgres = new DbContextOptionsBuilder<PostgresGenApiDbContext>().UseNpgsql(source.ConnectionString);
            return new(engine, source.Name, new PostgresGenApiDbContext(Quiet(postgres).Options), source, mayExist: true);
        }
        var location = new DatabaseLocation(options, directory);
        // Without a pool the file is closed with the context, and its log with it.
        var place = new SqliteConnectionStringBuilder(location.ConnectionString) { Pooling = false }.ToString();
        var sqlite = new DbContextOptionsBuilder<SqliteGenApiDbContext>();
        PersistenceRegistration.Configure(sqlite, place);
        return new(engine, location.Path ?? place, new SqliteGenApiDbContext(sqlite.Options), null, location.HasDatabase);
    }

    /// <summary>
    /// Connects, and keeps every other process from writing for as long as this object lives. The lock on the data directory does that for
    /// a SQLite file; on a server it is the lock of all writers.
    /// </summary>
    /// <exception cref="GenApiException">StorageUnavailable: the database can't be reached.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        if (_source is null)
        {
            await Db.Database.OpenConnectionAsync(cancellationToken);
            return;
        }
        await Db.Database.BeginTransactionAsync(cancellationToken);
        await Db.Database.ExecuteSqlRawAsync(
            "SELECT set_config('lock_timeout', '10000', true), set_config('statement_timeout', '0', true), "
            + "set_config('idle_in_transaction_session_timeout', '0', true)", cancellationToken);
        await Db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({PostgresWrite.LockNumber})", cancellationToken);
    }

    /// <summary>True if there may be a database. A server is asked when it is connected to.</summary>
    public bool MayExist => _mayExist;

    /// <summary>Makes the tables of a target.</summary>
    /// <param name="isNeeded">Whether a migration is missing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task MakeTablesAsync(bool isNeeded, CancellationToken cancellationToken)
    {
        await Db.Database.OpenConnectionAsync(cancellationToken);
        if (_source is not null)
            await PostgresMigrator.CheckServerAsync((NpgsqlConnection)Db.Database.GetDbConnection(), cancellationToken);
        await Db.BeforeMigrationAsync(cancellationToken);
        if (isNeeded)
            await Db.Database.MigrateAsync(cancellationToken);
    }

    /// <summary>
    /// Removes the mark of a target. The database is no copy that lacks something, so the first start has nothing to search for.
    /// </summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await Db.Database.BeginTransactionAsync(cancellationToken);
        await Db.WasRestoredAsync(cancellationToken);
        await MoveMark.WriteAsync(Db, null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Replaces the mark, and stores whatever <see cref="TakeAsync"/> began.</summary>
    public async Task MarkAsync(MoveMark? mark, CancellationToken cancellationToken)
    {
        await MoveMark.WriteAsync(Db, mark, cancellationToken);
        if (Db.Database.CurrentTransaction is { } taken)
            await taken.CommitAsync(cancellationToken);
    }

    private static DbContextOptionsBuilder<T> Quiet<T>(DbContextOptionsBuilder<T> options)
        where T : DbContext =>
        options.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        _source?.Dispose();
    }
}
