using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Persistence;

public sealed class DatabaseWriterTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_work_that_throws_takes_none_of_its_neighbours_along()
    {
        await using var app = await GenApiApp.StartAsync();
        var writer = app.Services.GetRequiredService<DatabaseWriter>();
        // The first holds the writer, so that the others meet in one transaction.
        var gate = new TaskCompletionSource();
        var first = writer.WriteAsync(async (_, _) => await gate.Task, Ended);

        var works = Enumerable.Range(0, 20).Select(number => writer.WriteAsync(async (db, token) =>
        {
            db.Add(
                new IdempotencyRecord
                {
                    Scope = "s",
                    Key = $"k{number}",
                    BodyHash = "",
                    GenerationId = Guid.Empty,
                    ExpiresAt = DateTimeOffset.MaxValue
                });
            await db.SaveChangesAsync(token);
            if (number % 4 == 0)
                throw new GenApiException(ErrorKind.Conflict, "no");
            return number;
        }, Ended)).ToList();
        gate.SetResult();
        await first;

        for (var number = 0; number < works.Count; number++)
        {
            if (number % 4 == 0)
                await Assert.ThrowsAsync<GenApiException>(() => works[number]);
            else
                Assert.Equal(number, await works[number]);
        }
        Assert.Equal(15, await writer.WriteAsync((db, token) => db.Set<IdempotencyRecord>().CountAsync(token), Ended));
    }

    [Fact]
    public async Task A_key_that_is_there_already_is_a_unique_violation_and_nothing_else()
    {
        await using var app = await GenApiApp.StartAsync();
        var writer = app.Services.GetRequiredService<DatabaseWriter>();
        Task Add(string key) => writer.WriteAsync((db, token) =>
        {
            db.Add(
                new IdempotencyRecord
                {
                    Scope = "s",
                    Key = key,
                    BodyHash = "",
                    GenerationId = Guid.Empty,
                    ExpiresAt = DateTimeOffset.MaxValue
                });
            return db.SaveChangesAsync(token);
        }, Ended);
        await Add("same");

        var failure = await Assert.ThrowsAsync<DbUpdateException>(() => Add("same"));

        Assert.True(DatabaseFaults.IsUniqueViolation(failure));
        Assert.Null(DatabaseFaults.ToGenApi(failure));
        await Add("other");
    }

    [Fact]
    public async Task Commits_wait_for_the_disk()
    {
        await using var app = await GenApiApp.StartAsync();
        var writer = app.Services.GetRequiredService<DatabaseWriter>();

        var (synchronous, journal) = await writer.WriteAsync(async (db, token) => (
            await db.Database.SqlQuery<int>($"SELECT synchronous AS \"Value\" FROM pragma_synchronous").SingleAsync(token),
            await db.Database.SqlQuery<string>($"SELECT journal_mode AS \"Value\" FROM pragma_journal_mode").SingleAsync(token)), Ended);

        Assert.Equal((2, "wal"), (synchronous, journal));
    }

    [Fact]
    public async Task The_model_has_no_change_without_a_migration()
    {
        await using var app = await GenApiApp.StartAsync();
        var contexts = app.Services.GetRequiredService<IDbContextFactory<GenApiDbContext>>();
        await using var db = await contexts.CreateDbContextAsync(Ended);

        Assert.False(db.Database.HasPendingModelChanges());
    }
}
