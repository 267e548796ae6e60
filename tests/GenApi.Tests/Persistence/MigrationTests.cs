using System.IO.Compression;
using GenApi.Core.Persistence.Sqlite;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Tests.Persistence;

/// <summary>
/// Databases of earlier builds. Stores/before-squash.zip is a data folder of the last build whose tables were made by nineteen migrations,
/// with rows in every table: two keys, three generations (one was running at a kill -9), an upload, a webhook that never arrived.
/// </summary>
[OnlyOnSqlite]
public sealed class MigrationTests
{
    private static readonly string[] Ids = ["gen_01m8mbtampetytvjb2z47c6k7g", "gen_01m8mbte76enf8trhhy3cxh297"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_of_the_build_before_the_migrations_became_one_goes_on_with_all_that_is_in_it()
    {
        await using var app = await Keys.StartAsync();
        await app.StopAsync();
        Unpack(app.DataDirectory);
        var before = Counts(app);
        Assert.All(before, table => Assert.True(table.Value > 0, $"{table.Key} is empty"));

        await app.StartAgainAsync();

        foreach (var id in Ids)
        {
            var kept = await app.GetAsync($"/generations/{id}", Keys.AsAdmin);
            Assert.True(kept.Status == 200, kept.Text);
            Assert.Equal("succeeded", kept.State);
            var image = await app.GetAsync(new Uri(kept["images"][0].GetProperty("url").GetString()!).PathAndQuery, Keys.AsAdmin);
            Assert.Equal(kept["images"][0].GetProperty("bytes").GetInt64(), image.Body.Length);
        }
        Assert.Equal(
            ["shop", "team"],
            (await app.GetAsync("/accounts/keys", Keys.AsAdmin))["data"].EnumerateArray()
                .Select(key => key.GetProperty("name").GetString()).Order());
        await SearchStore.FilledAsync(app);
        Assert.Single((await app.GetAsync("/generations?q=red+fox", Keys.AsAdmin))["data"].EnumerateArray());
        await app.StopAsync();
        // The index was filled, and the run that was under way has ended: this upstream does not know its prediction.
        string[] emptied = ["UnindexedPrompts", "WebhookSubscriptions"];
        Assert.All(before, table => Assert.True(Counts(app)[table.Key] >= (emptied.Contains(table.Key) ? 0 : table.Value), table.Key));
        Assert.Equal(
            [SquashedMigrations.Initial, "20261201000000_ImagesInEverySize", "20261202000000_Doors", "20261203000000_Cluster"],
            Query(app, "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\" ORDER BY 1"));
    }

    [Fact]
    public async Task Its_tables_are_those_that_a_new_store_has()
    {
        await using var old = await GenApiApp.StartAsync();
        await using var young = await GenApiApp.StartAsync();
        await old.StopAsync();
        await young.StopAsync();
        Unpack(old.DataDirectory);
        await old.StartAgainAsync();
        await old.StopAsync();

        foreach (var what in new[]
        {
            "SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || c.pk FROM sqlite_master m, "
                + "pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_EF%' ESCAPE '\\' ORDER BY 1",
            "SELECT name || ' ' || replace(replace(sql, char(10), ' '), '  ', ' ') FROM sqlite_master WHERE type IN ('index', "
                + "'trigger') AND sql IS NOT NULL ORDER BY 1",
        })
            Assert.Equal(Query(young, what), Query(old, what));
    }

    [Fact]
    public async Task A_store_that_has_only_some_of_these_migrations_is_refused_and_left_as_it_is()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.StopAsync();
        Unpack(app.DataDirectory);
        Query(app, $"DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" = '{SquashedMigrations.Ids[^1]}' RETURNING 'gone'");
        var before = Counts(app);

        var (exitCode, _, errors) = await app.VerbAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains(
            $"development version before 1.0 (its last migration is {SquashedMigrations.Ids[^2]})", errors, StringComparison.Ordinal);
        Assert.Equal(before, Counts(app));
    }

    [Fact]
    public void The_migrations_make_what_the_code_maps()
    {
        using var db = new SqliteGenApiDbContext(
            new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite("Data Source=:memory:").Options);
        Assert.False(db.Database.HasPendingModelChanges());
    }

    private static void Unpack(string folder)
    {
        Directory.Delete(folder, recursive: true);
        ZipFile.ExtractToDirectory(Repository.PathOf("tests/GenApi.Tests/Persistence/Stores/before-squash.zip"), folder);
    }

    /// <summary>Rows of each table that the code maps or the search keeps.</summary>
    private static Dictionary<string, long> Counts(GenApiApp app) =>
        Query(app, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '__EF%' AND name "
            + "NOT LIKE 'PromptTerms%'")
            .ToDictionary(
                name => name,
                name => long.Parse(Query(app, $"SELECT count(*) FROM \"{name}\"")[0], System.Globalization.CultureInfo.InvariantCulture));

    private static List<string> Query(GenApiApp app, string query)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(app.DataDirectory, "genapi.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read())
            values.Add(reader.GetString(0));
        return values;
    }
}
