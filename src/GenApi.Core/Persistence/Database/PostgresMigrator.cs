using System.Net.Sockets;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Postgres;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Prepares PostgreSQL: checks the server and upgrades the schema. Instances that start together do that one after the other, under a lock
/// on a separate connection. EF's own lock ends after each migration, and an instance that read the list of pending ones before would run
/// the next one once more.
/// </summary>
internal sealed partial class PostgresMigrator(
    PostgresSource source, DataDirectory directory, DatabaseLocation files, IDbContextFactory<GenApiDbContext> contexts,
    SteadyClock clock, ILogger<PostgresMigrator> logger) : IDatabaseStart
{
    /// <summary>The number of the lock: that of the writer, and the next letter.</summary>
    private const long LockNumber = PostgresWrite.LockNumber + 1;

    private const int OldestServer = 15;

    private const string Key = "Database", StringKey = "Database:ConnectionString";

    public string Missing => $"there is no store in the database {source.Name}. The first start of the service or keys create makes one.";

    /// <summary>True: several processes may use a server.</summary>
    public bool TryTake() => true;

    public Task<bool> HasStoreAsync(CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return (await db.AppliedMigrationsAsync(cancellationToken)).Count > 0;
    });

    public Task PrepareAsync(CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        await using var connection = source.Separate();
        await connection.OpenAsync(cancellationToken);
        await CheckServerAsync(connection, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var schema = await SchemaState.ReadAsync(db, cancellationToken);
        schema.ThrowIfForeign();
        if (schema.IsNew)
            RequireNoOtherStore();
        if (schema.Pending.Count > 0)
        {
            db.Database.SetCommandTimeout(TimeSpan.Zero);
            await db.Database.MigrateAsync(cancellationToken);
        }
        clock.Follow(await ReadClockAsync(connection, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return true;
    });

    /// <exception cref="SettingException">The server is too old, or the database has another encoding.</exception>
    internal static async Task CheckServerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new SettingException(
                Key, $"the server is PostgreSQL {connection.PostgreSqlVersion}. GenApi needs version {OldestServer} or newer.");
        }
        await using var command = new NpgsqlCommand(
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()", connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is not "UTF8" and var encoding)
            throw new SettingException(Key, $"the database has the encoding {encoding}. Make one with the encoding UTF8.");
    }

    private async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // A server may end transactions that are idle for a while, and this one is, for as long as EF works on another connection.
        await using var attempt = new NpgsqlCommand(
            "SELECT pg_try_advisory_xact_lock($1), set_config('idle_in_transaction_session_timeout', '0', true)", connection);
        attempt.Parameters.Add(new() { Value = LockNumber });
        if (await attempt.ExecuteScalarAsync(cancellationToken) is true)
            return;
        Log.Waiting(logger);
        // An upgrade of another instance takes as long as it takes.
        await using var wait = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection) { CommandTimeout = 0 };
        wait.Parameters.Add(new() { Value = LockNumber });
        await wait.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<DateTimeOffset> ReadClockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PostgresSchema.Clock, connection);
        return PostgresSchema.ToTime((long)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>Refuses a new database beside what an earlier one has left: its images would be swept away as unused.</summary>
    private void RequireNoOtherStore()
    {
        if (files.HasStandardFile && HasImages())
        {
            throw new SettingException(
                "Database:Provider",
                $"'{directory.Name}' has a SQLite store with images, and the PostgreSQL database is empty. Run genapi move --to postgres "
                + "first, or choose another DataDirectory.");
        }
        if (directory.HasBlobs)
        {
            throw new SettingException(
                Key, $"it is empty, although '{directory.Name}' has images. Restore the database from a backup, or choose another "
                    + "DataDirectory.");
        }
    }

    private bool HasImages()
    {
        var file = new SqliteConnectionStringBuilder { DataSource = files.StandardFile, Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        using var connection = new SqliteConnection(file.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT 1 FROM \"Images\" LIMIT 1";
            return command.ExecuteScalar() is not null;
        }
        catch (SqliteException)
        {
            // It can't be read, so it may well have images.
            return true;
        }
    }

    /// <summary>Turns every failure of the server into one sentence that ends the start.</summary>
    private async Task<T> GuardedAsync<T>(Func<Task<T>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception failure) when (Refusal(failure) is { } refusal)
        {
            throw refusal;
        }
    }

    private SettingException? Refusal(Exception failure) => PostgresFaults.Engine(failure) switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } denied =>
            new(StringKey, $"the server refuses the user or the password ({denied.MessageText}).", failure),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            new(StringKey, $"there is no such database on the server ({source.Name}). Create it, or correct the name.", failure),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied =>
            new(StringKey, $"the user may not make tables there ({denied.MessageText}). Make it the owner of the database.", failure),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            new(StringKey, "the server has no connection left. Raise its max_connections, or put a pooler in front.", failure),
        // Such as a restart, or a pooler that can't log in to the server.
        { } away when PostgresFaults.IsConnectionLoss(away) =>
            new(StringKey, $"the server {source.Name} can't be reached ({Innermost(away)}).", failure),
        PostgresException error => new(Key, $"the server refused a statement ({error.SqlState}: {error.MessageText}).", failure),
        { } broken => new(StringKey, $"the server {source.Name} can't be reached ({Innermost(broken)}).", failure),
        null when failure is SocketException or TimeoutException =>
            new(StringKey, $"the server {source.Name} can't be reached ({failure.Message}).", failure),
        null => null,
    };

    private static string Innermost(Exception failure) => (failure.InnerException ?? failure).Message.TrimEnd('.');

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Waiting for another instance that upgrades the database")]
        public static partial void Waiting(ILogger logger);
    }
}
