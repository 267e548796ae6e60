using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using GenApi.Tests.Persistence;
using GenApi.Tests.Servers;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace GenApi.Tests;

/// <summary>
/// The database of one service under test, whichever engine it has, to be read and changed behind the service's back. Statements are
/// written once for both engines: names without quotes, TRUE and FALSE, days as texts.
/// <code>
/// await app.Store.ExecuteAsync("UPDATE Generations SET IsPinned = TRUE WHERE Seed = 1");
/// Assert.Equal(1, await app.Store.ExecuteAsync("SELECT count(*) FROM Generations"));
/// </code>
/// </summary>
internal sealed partial class TestStore : IAsyncDisposable
{
    /// <summary>The secret of all instances of a cluster under test.</summary>
    public const string ClusterSecret = "the-secret-of-a-cluster-under-test-0123456789";

    /// <summary>An empty database as a first start leaves it. All stores on PostgreSQL begin as copies of it.</summary>
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);

    private readonly string _dataDirectory;
    private readonly PostgresServer? _server;
    private readonly string? _database;

    private TestStore(string dataDirectory, bool isS3, PostgresServer? server, string? database)
    {
        (_dataDirectory, _server, _database) = (dataDirectory, server, database);
        Blobs = new TestBlobs(dataDirectory, isS3);
    }

    public TestBlobs Blobs { get; }

    /// <summary>The name of the database on the server; null: SQLite.</summary>
    public string? Database => _database;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>The store that this run of the tests uses.</summary>
    /// <param name="dataDirectory">The service's data directory, which need not exist.</param>
    /// <param name="isEmpty">Whether the service makes its tables itself.</param>
    public static async Task<TestStore> CreateAsync(string dataDirectory, bool isEmpty = false) => StoreKind.IsPostgres
        ? await OnPostgresAsync(dataDirectory, StoreKind.IsS3, isEmpty)
        : new TestStore(dataDirectory, StoreKind.IsS3, null, null);

    /// <summary>A store on SQLite and the disk, whatever this run uses.</summary>
    public static TestStore OnSqlite(string dataDirectory) => new(dataDirectory, isS3: false, null, null);

    /// <summary>A store on PostgreSQL, whatever this run uses.</summary>
    /// <param name="server">A server of the test; its database is empty. Null: the shared server.</param>
    public static async Task<TestStore> OnPostgresAsync(
        string dataDirectory, bool isS3 = false, bool isEmpty = false, PostgresServer? server = null)
    {
        var template = isEmpty || server is not null ? null : await Template.Value;
        server ??= await PostgresServer.SharedAsync();
        return new TestStore(dataDirectory, isS3, server, await server.CreateDatabaseAsync(template));
    }

    /// <summary>The settings with which a service uses this store.</summary>
    public async Task<Dictionary<string, string?>> SettingsAsync()
    {
        var settings = await Blobs.SettingsAsync();
        if (_database is not null)
        {
            settings["Database:Provider"] = "postgres";
            settings["Database:ConnectionString"] = ConnectionString();
            settings["Cluster:SecretKey"] = ClusterSecret;
        }
        return settings;
    }

    /// <param name="port">The port of a pooler or a proxy; null: the server's.</param>
    public string ConnectionString(int? port = null) => _server is null
        ? $"Data Source={Path.Combine(_dataDirectory, "genapi.db")};Pooling=False"
        : $"{_server.ConnectionString(_database!, port)};Maximum Pool Size=20;Timeout=30";

    /// <summary>Opens a connection of its own, which the caller disposes.</summary>
    public async Task<DbConnection> OpenAsync()
    {
        DbConnection connection = _server is null
            ? new SqliteConnection(ConnectionString())
            : new NpgsqlConnection($"{_server.ConnectionString(_database!)};Pooling=false");
        await connection.OpenAsync(Ended);
        return connection;
    }

    /// <summary>Runs statements.</summary>
    /// <returns>The first value as a whole number; 0: there is none.</returns>
    public async Task<long> ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = Command(connection, sql);
        return await command.ExecuteScalarAsync(Ended) switch
        {
            null or DBNull or string or Guid => 0,
            var value => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Runs a query.</summary>
    /// <returns>A text for each row, its values separated by |.</returns>
    public async Task<List<string>> QueryAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = Command(connection, sql);
        await using var reader = await command.ExecuteReaderAsync(Ended);
        var rows = new List<string>();
        while (await reader.ReadAsync(Ended))
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(at => reader.GetValue(at) switch
            {
                byte[] bytes => Convert.ToHexStringLower(bytes),
                var value => Convert.ToString(value, CultureInfo.InvariantCulture),
            })));
        }
        return rows;
    }

    /// <summary>Lists the tables of the service, without those of the engine, the search and the migrations.</summary>
    public async Task<List<string>> TablesAsync()
    {
        var tables = await QueryAsync(_server is null
            ? "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            : "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename COLLATE \"C\"");
        return [.. tables.Where(each => !each.StartsWith("sqlite_", StringComparison.Ordinal)
            && !each.StartsWith("__", StringComparison.Ordinal) && !each.StartsWith("PromptTerms", StringComparison.Ordinal)
            && each is not ("UnindexedPrompts" or "Changes" or "Instances" or "LeaderTerms"))];
    }

    /// <summary>
    /// Lists the keys of all blobs but those that are about to be removed: several instances remove a blob only after a while.
    /// </summary>
    public async Task<string[]> NeededBlobsAsync()
    {
        var keys = await Blobs.KeysAsync();
        return _server is null ? keys : [.. keys.Except(await QueryAsync("SELECT Key FROM BlobRemovals"))];
    }

    /// <summary>Lists the columns of a table, without those that the engine fills.</summary>
    public Task<List<string>> ColumnsAsync(string table) => QueryAsync(_server is null
        ? $"SELECT name FROM pragma_table_info('{table}') WHERE name <> 'Number'"
        : $"SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' "
            + "AND is_identity = 'NO' AND is_generated = 'NEVER'");

    /// <summary>A day in statements, counted from today.</summary>
    public static string Day(int days) =>
        $"'{DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(days).ToString("O", CultureInfo.InvariantCulture)}'";

    /// <summary>An id in statements.</summary>
    public string Id(Guid id) =>
        _server is null ? $"x'{Convert.ToHexString(id.ToByteArray(bigEndian: false))}'" : $"'{id}'";

    /// <summary>Bytes in statements.</summary>
    public string Bytes(byte[] bytes) => $"{(_server is null ? "x'" : "'\\x")}{Convert.ToHexString(bytes)}'";

    /// <summary>An expression that makes another id for each row.</summary>
    public string NewId => _server is null ? "randomblob(16)" : "gen_random_uuid()";

    /// <summary>An expression that makes another text of 32 characters for each row.</summary>
    public string NewText => _server is null ? "hex(randomblob(16))" : "replace(CAST(gen_random_uuid() AS text), '-', '')";

    /// <summary>Removes the data directory and all tables, so that the next start is the first one.</summary>
    public async Task EmptyAsync()
    {
        Directory.Delete(_dataDirectory, recursive: true);
        if (_server is not null)
            await ExecuteAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }

    /// <summary>Ends the service's connections as an administrator of the server would.</summary>
    public Task CutAsync() => _server!.CutAsync(_database!);

    /// <summary>Searches every text of a database on a server, which leaves no file to search.</summary>
    public async Task LookAsync(SecretSearch secrets)
    {
        if (_server is null)
            return;
        foreach (var row in await QueryAsync("SELECT schema_to_xml('public', true, true, '')"))
            secrets.Look("the database", row);
    }

    public async ValueTask DisposeAsync()
    {
        await Blobs.DisposeAsync();
        if (_server is not null)
            await _server.DropDatabaseAsync(_database!);
    }

    /// <summary>Quotes our names, which PostgreSQL would otherwise fold to lower case: they have a capital and a small letter.</summary>
    internal static string Quoted(string sql) =>
        Names().Replace(sql, match => match.Value[0] is '\'' or '"' ? match.Value : $"\"{match}\"");

    private DbCommand Command(DbConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = _server is null ? sql : Quoted(sql);
        return command;
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var server = await PostgresServer.SharedAsync();
        var name = await server.CreateDatabaseAsync();
        await GenApiApp.MigrateAsync(new()
        {
            ["Database:Provider"] = "postgres",
            ["Database:ConnectionString"] = server.ConnectionString(name),
            ["Cluster:SecretKey"] = ClusterSecret,
        });
        // A copy needs a database without connections. It is a store that no instance has used.
        await server.CutAsync(name);
        await server.AdminAsync(
            "TRUNCATE \"Instances\", \"LeaderTerms\", \"Secrets\", \"SharedRates\", \"Changes\", \"StoreIdentity\"", name);
        return name;
    }

    [GeneratedRegex("""'[^']*'|"[^"]*"|\b[A-Z][a-z]\w*""", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
