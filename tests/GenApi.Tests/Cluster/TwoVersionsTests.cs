using GenApi.Core.Persistence.Postgres;
using GenApi.Tests.Generations;
using GenApi.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace GenApi.Tests.Cluster;

/// <summary>Tests a rolling update: for some minutes, this version runs next to the schema and the rows of the next one.</summary>
public sealed class TwoVersionsTests
{
    /// <summary>What a next version may do to the tables while this one runs: it adds, and gives every new column a default.</summary>
    private static readonly string[] Next =
    [
        "ALTER TABLE \"Generations\" ADD COLUMN \"Mood\" text NOT NULL DEFAULT 'calm'",
        "ALTER TABLE \"Images\" ADD COLUMN \"Rating\" integer",
        "ALTER TABLE \"Instances\" ADD COLUMN \"Zone\" text NOT NULL DEFAULT ''",
        "ALTER TABLE \"WebhookDeliveries\" ADD COLUMN \"Priority\" bigint NOT NULL DEFAULT 0",
        "CREATE TABLE \"Albums\" (\"Id\" uuid PRIMARY KEY, \"Name\" text NOT NULL)",
        "CREATE INDEX \"IX_Generations_Mood\" ON \"Generations\" (\"Mood\")",
        "INSERT INTO \"__EFMigrationsHistory\" (\"MigrationId\", \"ProductVersion\") VALUES ('29991231000000_Albums', '10.0.0')",
    ];

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task This_version_works_on_after_the_next_one_has_expanded_the_tables()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var store = await TestStore.OnPostgresAsync("", isS3: false);
        await using var app = await GenApiApp.StartOnAsync(store, null);
        var before = await app.GenerateAsync(Requests.Small(1));
        foreach (var statement in Next)
            await store.ExecuteAsync(statement);
        await store.ExecuteAsync("UPDATE Generations SET Mood = 'wild'");

        var after = await app.GenerateAsync(Requests.Small(2));
        await Requests.AssertWholeAsync(app, after);
        Assert.Contains("hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"), StringComparison.Ordinal);
        Assert.Equal(2, (await app.GetAsync("/generations"))["data"].GetArrayLength());
        Assert.Equal(1, (await app.GetAsync("/generations?q=fox&limit=1"))["data"].GetArrayLength());
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{before.Id}")).Status);
        Assert.Equal(200, (await app.GetAsync("/health/ready")).Status);
        // What the other version has written stays, although this one saves the rows too.
        Assert.Equal(1, await store.ExecuteAsync("SELECT count(*) FROM Generations WHERE Mood = 'calm'"));

        await app.StopAsync();
        var (code, _, errors) = await app.VerbAsync();
        Assert.Equal(1, code);
        Assert.Contains("a newer GenApi made the tables (it has the migration 29991231000000_Albums)", errors, StringComparison.Ordinal);
    }

    /// <summary>
    /// Holds the rule for every migration: it adds, so that the version before still works. What a version no longer uses may go one
    /// version later; such a migration is listed here, with the version that stopped using it.
    /// </summary>
    [Fact]
    public void Every_migration_expands_the_tables_and_breaks_nothing_that_the_version_before_uses()
    {
        string[] contracting = [];
        using var db = new PostgresGenApiDbContext(
            new DbContextOptionsBuilder<PostgresGenApiDbContext>().UseNpgsql("Host=none;Database=none").Options);
        var migrations = typeof(PostgresGenApiDbContext).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Migration)) && type.Namespace!.EndsWith(".Postgres", StringComparison.Ordinal))
            .OrderBy(type => type.Name).ToList();
        Assert.NotEmpty(migrations);
        foreach (var type in migrations.Where(type => !contracting.Contains(type.Name)))
        {
            var migration = (Migration)Activator.CreateInstance(type)!;
            migration.ActiveProvider = "Npgsql.EntityFrameworkCore.PostgreSQL";
            Assert.All(migration.UpOperations, operation => Assert.False(Breaks(operation), $"{type.Name}: {operation.GetType().Name}"));
        }
    }

    private static bool Breaks(MigrationOperation operation) => operation switch
    {
        DropTableOperation or DropColumnOperation or RenameTableOperation or RenameColumnOperation => true,
        // A column that the version before does not know must fill itself.
        AddColumnOperation { IsNullable: false, DefaultValue: null, DefaultValueSql: null, ComputedColumnSql: null } => true,
        AlterColumnOperation alter => alter.ColumnType != alter.OldColumn.ColumnType || (!alter.IsNullable && alter.OldColumn.IsNullable),
        AddUniqueConstraintOperation or AddCheckConstraintOperation or AddForeignKeyOperation => true,
        _ => false,
    };
}
