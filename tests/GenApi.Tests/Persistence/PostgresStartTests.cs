using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Postgres;
using GenApi.Hosting.Settings;
using GenApi.Tests.Generations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GenApi.Tests.Persistence;

/// <summary>A start on PostgreSQL: it makes or upgrades the tables once, or ends with one sentence and changes nothing.</summary>
public sealed class PostgresStartTests : IDisposable
{
    private const string Secret = "a-key-of-the-tests-with-more-than-32-characters";

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-start-").FullName;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", "Database:ConnectionString: PostgreSQL needs it, such as Host=")]
    [InlineData("postgres://genapi@db/genapi", "Database:ConnectionString: an address is not allowed.")]
    [InlineData("Host=db;Database=genapi;Colour=red", "Database:ConnectionString: it is not a connection string of PostgreSQL (")]
    [InlineData("Host=db;Port=many;Database=genapi", "Database:ConnectionString: it is not a connection string of PostgreSQL (")]
    [InlineData("Database=genapi", "Database:ConnectionString: it names no Host.")]
    [InlineData("Host=db", "Database:ConnectionString: it names no Database.")]
    [InlineData("Host=db;Database=genapi;Search Path=mine", "Database:ConnectionString: Options and Search Path are not allowed")]
    [InlineData("Host=127.0.0.1;Port=1;Database=g;Password=hush", "Database:ConnectionString: the server 127.0.0.1:1/g can't be reached (")]
    [InlineData("Host=no.invalid;Database=g;Password=hush", "Database:ConnectionString: the server no.invalid:5432/g can't be reached (")]
    public async Task A_connection_that_can_not_work_is_refused_in_one_sentence(string connectionString, string sentence)
    {
        var refusal = await RefusalAsync(connectionString);

        Assert.StartsWith(sentence, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal);
    }

    [Fact]
    public async Task A_wrong_password_and_a_missing_database_are_refused_in_one_sentence()
    {
        var server = await ServerAsync();
        var right = server.ConnectionString("nothing_like_it");

        Assert.StartsWith(
            "Database:ConnectionString: there is no such database on the server (127.0.0.1:", await RefusalAsync(right),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Database:ConnectionString: the server refuses the user or the password (password authentication failed",
            await RefusalAsync(right.Replace(PostgresServer.Password, "wrong", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pooler_whose_server_is_gone_is_refused_in_one_sentence_again_and_again()
    {
        Assert.SkipWhen(PostgresServer.PoolerMissing is not null, PostgresServer.PoolerMissing ?? "");
        await using var server = await PostgresServer.StartAsync();
        var pooled = server.ConnectionString(await server.CreateDatabaseAsync(), await server.PoolerAsync());
        await PrepareAsync(pooled);
        await server.StopAsync();

        // The first login waits until the pooler has failed, and the next ones are refused at once (08P01).
        for (var tries = 0; tries < 3; tries++)
        {
            var refusal = await RefusalAsync(pooled);
            Assert.Contains("can't be reached (", refusal, StringComparison.Ordinal);
            Assert.StartsWith("Database:ConnectionString: the server 127.0.0.1:", refusal, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal);
        }
    }

    [Theory]
    [InlineData("08P01", "server login has been failing, try again later (server_login_retry)")]
    [InlineData("57P03", "the database system is starting up")]
    public void A_database_that_goes_away_while_the_service_starts_ends_it_in_one_sentence(string state, string text)
    {
        var failure = new InvalidOperationException("EF", new PostgresException(text, "FATAL", "FATAL", state));

        var expected = $"The start was given up. The database server can't be reached ({state}: {text}).";
        Assert.Equal(expected, StartupRefusal.Sentence(DatabaseFaults.ToGenApi(failure)!));
        // As it comes out of a step that knows the server.
        Assert.Equal(expected, StartupRefusal.Sentence(failure));
        Assert.Null(StartupRefusal.Sentence(new InvalidOperationException("A bug.")));
    }

    [Fact]
    public async Task A_provider_that_is_not_known_is_refused()
    {
        var refusal = await RefusalAsync("Host=db;Database=genapi", provider: "oracle");

        Assert.Equal("Database:Provider: 'oracle' is not known. Allowed: sqlite, postgres.", refusal);
    }

    [Fact]
    public async Task Tables_of_another_program_and_of_a_newer_version_are_refused_and_left_unchanged()
    {
        var server = await ServerAsync();
        var foreign = await server.CreateDatabaseAsync();
        await server.AdminAsync("CREATE TABLE theirs (id integer)", foreign);
        var newer = await server.CreateDatabaseAsync();
        await PrepareAsync(server.ConnectionString(newer));
        await server.AdminAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('20990101000000_Later', '12.0.0')", newer);

        Assert.Equal(
            "Database: it has tables, but none of GenApi. It was left unchanged: make a database for GenApi alone.",
            await RefusalAsync(server.ConnectionString(foreign)));
        Assert.Equal(
            "Database: a newer GenApi made the tables (it has the migration 20990101000000_Later). It was left unchanged.",
            await RefusalAsync(server.ConnectionString(newer)));
        Assert.Equal(1L, await server.AdminAsync("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'", foreign));
    }

    [Fact]
    public async Task A_new_database_is_refused_beside_a_SQLite_store_with_images_and_beside_images_alone()
    {
        var server = await ServerAsync();
        var database = server.ConnectionString(await server.CreateDatabaseAsync());
        await using (var app = await GenApiApp.StartAsync(new()
        {
            ["Database:Provider"] = "sqlite",
            ["Blobs:Provider"] = "disk",
            ["DataDirectory"] = Path.Combine(_folder, "data"),
        }))
        {
            await app.GenerateAsync(Requests.Small(1));
            await app.StopAsync();
        }

        Assert.Contains("genapi move --to postgres", await RefusalAsync(database), StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_folder, "data"), "genapi.db*"))
            File.Delete(file);
        Assert.StartsWith("Database: it is empty, although", await RefusalAsync(database), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(_folder, "data", "blobs"), recursive: true);
        await PrepareAsync(database);
    }

    [Fact]
    public async Task Instances_that_start_together_make_the_tables_once()
    {
        var server = await ServerAsync();
        var database = await server.CreateDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => PrepareAsync(server.ConnectionString(database)))));

        Assert.Equal(2L, await server.AdminAsync("SELECT count(*) FROM \"__EFMigrationsHistory\"", database));
    }

    [Fact]
    public async Task The_key_to_the_secrets_is_required_long_and_always_the_same()
    {
        var server = await ServerAsync();
        var database = server.ConnectionString(await server.CreateDatabaseAsync());

        Assert.StartsWith(
            "Cluster:SecretKey: PostgreSQL needs it: at least 32 random characters", await RefusalAsync(database, key: ""),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Cluster:SecretKey: it is too short: at least 32", await RefusalAsync(database, key: "short"), StringComparison.Ordinal);
        await PrepareAsync(database);
        Assert.StartsWith(
            "Cluster:SecretKey: the secret 'key-check' in the database was encrypted with another key.",
            await RefusalAsync(database, key: Secret + "!"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_instances_get_the_same_secret_and_none_is_readable_in_the_database()
    {
        var server = await ServerAsync();
        var name = await server.CreateDatabaseAsync();
        await PrepareAsync(server.ConnectionString(name));
        await using var one = Services(server.ConnectionString(name));
        await using var two = Services(server.ConnectionString(name));
        var made = 0;
        string Make(ServiceProvider services) => services.GetRequiredService<ISecretStore>()
            .ReadOrMake("a-secret", "Tests", () => $"made-{Interlocked.Increment(ref made)}");

        var got = await Task.WhenAll(Enumerable.Range(0, 8).Select(at => Task.Run(() => Make(at % 2 == 0 ? one : two))));

        Assert.Single(got.Distinct());
        var stored = await server.AdminAsync("SELECT encode(\"Value\", 'escape') FROM \"Secrets\" WHERE \"Name\" = 'a-secret'", name);
        Assert.DoesNotContain("made-", Assert.IsType<string>(stored), StringComparison.Ordinal);
    }

    private static async Task<PostgresServer> ServerAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        return await PostgresServer.SharedAsync();
    }

    private async Task<string> RefusalAsync(string connectionString, string provider = "postgres", string key = Secret) =>
        (await Assert.ThrowsAsync<SettingException>(() => PrepareAsync(connectionString, provider, key))).Message;

    private async Task PrepareAsync(string connectionString, string provider = "postgres", string key = Secret)
    {
        await using var services = Services(connectionString, provider, key);
        await services.GetRequiredService<IDatabaseStart>().PrepareAsync(Ended);
        await services.GetRequiredService<DatabaseSecrets>().PrepareAsync(Ended);
    }

    private ServiceProvider Services(string connectionString, string provider = "postgres", string key = Secret) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DataDirectory"] = Path.Combine(_folder, "data"),
            ["Database:Provider"] = provider,
            ["Database:ConnectionString"] = connectionString,
            ["Cluster:SecretKey"] = key,
        }).Build())
        .AddPersistence()
        .BuildServiceProvider();
}
