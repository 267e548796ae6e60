using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace GenApi.Tests.Persistence;

/// <summary>The start upgrades a database of an older version and keeps all rows.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("genapi-migration-").FullName, "genapi.db");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_known_of_models_is_kept()
    {
        await using (var old = Open())
        {
            await old.GetService<IMigrator>().MigrateAsync("Initial", Ct);
            await old.Database.ExecuteSqlRawAsync(
                "INSERT INTO Models (Upstream, Reference, Owner, Name, Version, IsOfficial, Schema, FetchedAt) VALUES ('replicate', "
                    + "'a/b', 'a', 'b', NULL, 1, '{{}}', 1)", Ct);
        }
        await using var db = Open();
        await db.Database.MigrateAsync(Ct);
        Assert.Equal(
            ["a/b"], await db.Database.SqlQueryRaw<string>(
                "SELECT Reference AS Value FROM Models WHERE Schema = '{{}}' AND Description IS NULL AND DescribedAt IS NULL")
                .ToListAsync(Ct));
    }

    [Fact]
    public async Task Images_of_before_there_were_other_files_are_images()
    {
        await using (var old = Open())
        {
            await old.GetService<IMigrator>().MigrateAsync("AuditThings", Ct);
            await old.Database.ExecuteSqlRawAsync(
                "INSERT INTO Images (Id, GenerationId, \"Index\", BlobKey, ContentType, Width, Height, Bytes, FileName, CreatedAt) VALUES "
                    + "(x'01', x'02', 3, 'key', 'image/png', 64, 48, 5, 'fox', 7)", Ct);
        }
        await using var db = Open();
        await db.Database.MigrateAsync(Ct);
        Assert.Equal(
            ["Image 3 key image/png 64 48 5 fox 7"],
            await db.Database.SqlQueryRaw<string>(
                "SELECT Kind || ' ' || \"Index\" || ' ' || BlobKey || ' ' || ContentType || ' ' || Width || ' ' || Height || ' ' || Bytes "
                    + "|| ' ' || FileName || ' ' || CreatedAt AS Value FROM Images").ToListAsync(Ct));
        // Both queries find them.
        Assert.Equal(
            2,
            (await db.Database.SqlQueryRaw<string>(
                    "SELECT name AS Value FROM sqlite_master WHERE type = 'index' AND tbl_name = 'Images' AND sql IS NOT NULL")
                    .ToListAsync(Ct)).Count);
    }

    [Fact]
    public void The_migrations_make_what_the_code_maps()
    {
        using var db = Open();
        Assert.False(db.Database.HasPendingModelChanges());
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
    }

    private SqliteGenApiDbContext Open() =>
        new(new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite($"Data Source={_file}").Options);
}
