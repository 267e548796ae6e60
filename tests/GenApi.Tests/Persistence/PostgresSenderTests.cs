using System.Data;
using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Tests.Persistence;

/// <summary>Statements of the writer that wait for the next round trip: in their order, and each work alone.</summary>
public sealed class PostgresSenderTests
{
    private const string Insert =
        """
        INSERT INTO "IdempotencyKeys" ("Scope", "Key", "BodyHash", "GenerationId", "ExpiresAt") VALUES ('s', @p0, '', @p1, 0)
        """;

    private const string Count = """SELECT count(*) FROM "IdempotencyKeys" """;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waits_goes_before_what_follows_whichever_way_that_goes(bool throughPooler)
    {
        await using var house = await PostgresHouse.StartAsync(throughPooler: throughPooler);
        var changed = new List<int>();
        Task Note(int rows)
        {
            changed.Add(rows);
            return Task.CompletedTask;
        }

        async Task<(long, int, int)> WorkAsync(GenApiDbContext db, string name, CancellationToken token)
        {
            await db.ExecuteLaterAsync(new(Insert, name + "1", Guid.Empty), Note, token);
            await db.ExecuteLaterAsync(new(Insert, name + "2", Guid.Empty), Note, token);
            var byQuery = (await db.QueryAsync(Count, static row => row.Long(), token))[0];
            await db.ExecuteLaterAsync(new(Insert, name + "3", Guid.Empty), Note, token);
            var byEf = await db.Set<IdempotencyRecord>().CountAsync(token);
            await db.ExecuteLaterAsync(new(Insert, name + "4", Guid.Empty), Note, token);
            var removed = await db.ExecuteAsync("""DELETE FROM "IdempotencyKeys" WHERE "Key" LIKE @p0""", token, name + "%");
            await db.ExecuteLaterAsync(new(Insert, name + "5", Guid.Empty), Note, token);
            return (byQuery, byEf, removed);
        }

        Assert.Equal((2, 3, 4), await house.Writer.WriteAsync((db, token) => WorkAsync(db, "a", token), Ended));
        Assert.Equal([1, 1, 1, 1, 1], changed);
        var results = await TogetherAsync(house, [(db, token) => WorkAsync(db, "b", token), (db, token) => WorkAsync(db, "c", token)]);
        Assert.Equal([(3L, 4, 4), (4L, 5, 4)], await Task.WhenAll(results));
        Assert.Equal(["a5", "b5", "c5"], await KeysAsync(house));
    }

    [Theory]
    [InlineData("waits")]
    [InlineData("follows")]
    [InlineData("fails later")]
    [InlineData("unreadable")]
    [InlineData("hidden")]
    [InlineData("sends nothing")]
    public async Task A_work_that_fails_takes_back_its_own_statements_and_no_others(string how)
    {
        await using var house = await PostgresHouse.StartAsync();
        await house.Writer.WriteAsync((db, token) => db.ExecuteAsync(Insert, token, "same", Guid.Empty), Ended);

        async Task FailAsync(GenApiDbContext db, CancellationToken token)
        {
            if (how == "sends nothing")
                throw new InvalidOperationException();
            await db.ExecuteLaterAsync(new(Insert, "mine", Guid.Empty), null, token);
            if (how == "waits")
                await db.ExecuteLaterAsync(new(Insert, "same", Guid.Empty), null, token);
            if (how == "fails later")
                await db.ExecuteLaterAsync(new(Insert, "too", Guid.Empty), _ => throw new InvalidOperationException(), token);
            if (how == "unreadable")
                await db.QueryAsync("SELECT 'no number'", static row => row.Long(), token);
            if (how is not ("follows" or "hidden"))
                return;
            try
            {
                await db.ExecuteAsync(Insert, token, "same", Guid.Empty);
            }
            catch (Exception) when (how == "hidden")
            {
                // The transaction is aborted now, and nothing else of the work would show it.
            }
        }

        await Assert.ThrowsAnyAsync<Exception>(() => house.Writer.WriteAsync(FailAsync, Ended));
        var results = await TogetherAsync(
            house,
            [
                (db, token) => LaterAsync(db, "first", token), FailAsync, FailAsync,
                (db, token) => LaterAsync(db, "second", token), FailAsync,
                (_, _) => Task.CompletedTask, FailAsync,
                (db, token) => LaterAsync(db, "third", token),
            ]);

        await Task.WhenAll(results[0], results[3], results[5], results[7]);
        foreach (var failed in new[] { 1, 2, 4, 6 })
            await Assert.ThrowsAnyAsync<Exception>(() => results[failed]);
        Assert.Equal(["first", "same", "second", "third"], await KeysAsync(house));
        await house.Writer.WriteAsync((db, token) => LaterAsync(db, "after", token), Ended);
        Assert.Equal(5, (await KeysAsync(house)).Length);
    }

    /// <summary>Npgsql can't be trusted to know what it has prepared after that, so nothing of the transaction is kept.</summary>
    [Fact]
    public async Task A_statement_that_can_not_be_sent_ends_the_connection_and_all_that_share_the_transaction_fail()
    {
        await using var house = await PostgresHouse.StartAsync();
        static Task RefusedAsync(GenApiDbContext db, CancellationToken token) =>
            db.ExecuteAsync("SELECT @p0", token, new RowValue(DbType.Int64, "no number"));

        for (var round = 0; round < 10; round++)
        {
            var results = await TogetherAsync(
                house, [(db, token) => LaterAsync(db, "first", token), RefusedAsync, (db, token) => LaterAsync(db, "second", token)]);
            foreach (var result in results)
                await Assert.ThrowsAsync<InvalidOperationException>(() => result);
            await Assert.ThrowsAsync<InvalidOperationException>(() => house.Writer.WriteAsync(RefusedAsync, Ended));
            Assert.Equal(round, (await KeysAsync(house)).Length);
            await house.Writer.WriteAsync((db, token) => LaterAsync(db, $"after {round}", token), Ended);
        }
        Assert.Equal(10, (await KeysAsync(house)).Length);
    }

    private static Task LaterAsync(GenApiDbContext db, string key, CancellationToken cancellationToken) =>
        db.ExecuteLaterAsync(new(Insert, key, Guid.Empty), null, cancellationToken);

    /// <summary>Has works share one transaction: they arrive while another one runs.</summary>
    private static async Task<Task<T>[]> TogetherAsync<T>(PostgresHouse house, Func<GenApiDbContext, CancellationToken, Task<T>>[] works)
    {
        var (began, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var before = house.Writer.WriteAsync(
            async (_, _) =>
            {
                began.SetResult();
                await gate.Task;
            }, Ended);
        await began.Task;
        var results = works.Select(work => house.Writer.WriteAsync(work, Ended)).ToArray();
        gate.SetResult();
        await before;
        return results;
    }

    private static Task<Task<bool>[]> TogetherAsync(PostgresHouse house, Func<GenApiDbContext, CancellationToken, Task>[] works) =>
        TogetherAsync(
            house,
            [.. works.Select(work => new Func<GenApiDbContext, CancellationToken, Task<bool>>(async (db, token) =>
            {
                await work(db, token);
                return true;
            }))]);

    private static async Task<string[]> KeysAsync(PostgresHouse house) =>
        [.. (await house.Store.QueryAsync("SELECT Key FROM IdempotencyKeys")).Order(StringComparer.Ordinal)];
}
