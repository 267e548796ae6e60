using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Sqlite;
using GenApi.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Persistence;

[OnlyOnSqlite]
public sealed class ConnectionTests
{
    /// <summary>As SQLite counts them: https://sqlite.org/pragma.html#pragma_synchronous.</summary>
    private const int Full = 2, Memory = 2;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_connection_waits_for_the_disk_and_for_a_lock_also_when_the_pool_gives_it_out_again()
    {
        await using var app = await GenApiApp.StartAsync();
        var contexts = app.Services.GetRequiredService<IDbContextFactory<GenApiDbContext>>();

        for (var round = 0; round < 2; round++)
        {
            var open = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => contexts.CreateDbContextAsync(Ended)));
            foreach (var db in open)
                await db.Database.OpenConnectionAsync(Ended);
            foreach (var db in open)
                Assert.Equal(
                    (Full, SqlitePragmas.BusySeconds * 1000, Memory),
                    (await AskAsync(db, "synchronous"), await AskAsync(db, "busy_timeout"), await AskAsync(db, "temp_store")));
            foreach (var db in open)
                await db.DisposeAsync();
        }
    }

    private static async Task<int> AskAsync(GenApiDbContext db, string pragma)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA {pragma}";
        return (int)(long)(await command.ExecuteScalarAsync(Ended))!;
    }
}
