using System.Globalization;
using System.Text;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Tests.Persistence;

/// <summary>The script for a new store on SQLite makes what the migrations make.</summary>
public sealed class NewStoreTests : IDisposable
{
    private const string Rewrite = "GENAPI_REWRITE_MODEL";

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-new-store-").FullName;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_makes_the_tables_and_rows_of_all_migrations()
    {
        await using var migrated = Open("migrated");
        await migrated.BeforeMigrationAsync(Ended);
        await migrated.Database.MigrateAsync(Ended);
        var expected = Dump(migrated);
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            var path = Repository.PathOf($"src/GenApi.Core/Persistence/Migrations/Sqlite/{SqliteGenApiDbContext.NewStore}");
            await File.WriteAllTextAsync(path, expected, Ended);
        }

        await using var made = Open("made");
        await made.BeforeMigrationAsync(Ended);
        await made.MakeTablesAsync(Ended);

        Assert.True(Dump(made) == expected, $"The script is not what the migrations make. {Rewrite}=1 writes it; then build again.");
        Assert.Equal(Facts(migrated), Facts(made));
        Assert.Equal(await migrated.AppliedMigrationsAsync(Ended), await made.AppliedMigrationsAsync(Ended));
        Assert.Empty(await made.DamagesAsync(mayWrite: true, Ended));
    }

    [Fact]
    public async Task A_first_start_by_migrations_that_was_killed_is_begun_again()
    {
        await using var killed = Open("killed");
        await killed.BeforeMigrationAsync(Ended);
        await killed.Database.ExecuteSqlRawAsync(
            """CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL PRIMARY KEY, "ProductVersion" TEXT NOT NULL)""", Ended);
        Assert.True((await SchemaState.ReadAsync(killed, Ended)).IsNew);

        await killed.MakeTablesAsync(Ended);

        Assert.Empty((await SchemaState.ReadAsync(killed, Ended)).Pending);
    }

    private SqliteGenApiDbContext Open(string name) => new(new DbContextOptionsBuilder<SqliteGenApiDbContext>()
        .UseSqlite($"Data Source={Path.Combine(_folder, name)}.db;Pooling=False").Options);

    private static string Facts(SqliteGenApiDbContext db) => string.Join(' ', new[] { "user_version", "application_id", "auto_vacuum" }
        .Select(name => $"{name}={Rows(db, $"PRAGMA {name}").Single()[0]}"));

    /// <summary>Writes the whole database as statements, in the order in which it was made.</summary>
    private static string Dump(SqliteGenApiDbContext db)
    {
        var script = new StringBuilder();
        // Tables of the search index come with it, and those of SQLite by themselves. EF makes its lock again.
        var things = Rows(db, """
            SELECT type, name, sql FROM sqlite_master
            WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE 'PromptTerms~_%' ESCAPE '~'
                AND name <> '__EFMigrationsLock' OR type = 'trigger'
            ORDER BY type = 'trigger', rowid
            """);
        foreach (var thing in things)
            script.Append(((string)thing[2]).ReplaceLineEndings("\n")).Append(";\n");
        foreach (var table in things.Where(each => each[0] is "table").Where(each => !((string)each[2]).Contains(" VIRTUAL ")))
        {
            foreach (var row in Rows(db, $"SELECT * FROM \"{table[1]}\""))
                script.Append($"INSERT INTO \"{table[1]}\" VALUES ({string.Join(", ", row.Select(Literal))});\n");
        }
        return script.ToString();
    }

    private static string Literal(object value) => value switch
    {
        DBNull => "NULL",
        byte[] bytes => $"x'{Convert.ToHexString(bytes)}'",
        string text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static List<object[]> Rows(SqliteGenApiDbContext db, string query)
    {
        using var connection = new SqliteConnection(db.Database.GetConnectionString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var rows = new List<object[]>();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return rows;
    }
}
