using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Tests.Generations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Persistence;

/// <summary>The writer on PostgreSQL: alone among all instances, and unharmed by connections that break.</summary>
public sealed class PostgresWriterTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_work_whose_connection_breaks_is_run_again_and_stored_once()
    {
        await using var house = await PostgresHouse.StartAsync();
        var runs = 0;

        await house.Writer.WriteAsync(async (db, token) =>
        {
            await AddAsync(db, "broken", token);
            if (++runs == 1)
                await house.Store.CutAsync();
            await AddAsync(db, "too", token);
        }, Ended);

        Assert.Equal(2, runs);
        Assert.Equal(2, await house.Store.ExecuteAsync("SELECT count(*) FROM IdempotencyKeys"));
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(false, ";Max Auto Prepare=0")]
    public async Task The_writer_prepares_its_statements_where_its_session_stays_the_same(bool throughPooler, string more)
    {
        await using var house = await PostgresHouse.StartAsync(throughPooler: throughPooler, more: more);
        for (var time = 0; time < 5; time++)
            await house.Writer.WriteAsync((db, token) => AddAsync(db, $"key {time}", token), Ended);

        var prepared = await house.Writer.WriteAsync(
            (db, token) => db.Database.SqlQuery<long>($"""SELECT count(*) AS "Value" FROM pg_prepared_statements""").SingleAsync(token),
            Ended);

        Assert.Equal(!throughPooler && more.Length == 0, prepared > 0);
        Assert.Equal(5, await house.Store.ExecuteAsync("SELECT count(*) FROM IdempotencyKeys"));
    }

    [Fact]
    public async Task A_prepared_statement_lives_through_a_change_of_its_table()
    {
        await using var house = await PostgresHouse.StartAsync();
        for (var time = 0; time < 5; time++)
            await house.Writer.WriteAsync((db, token) => AddAsync(db, $"key {time}", token), Ended);

        await house.Store.ExecuteAsync("ALTER TABLE IdempotencyKeys ADD COLUMN Newer text");
        await house.Writer.WriteAsync((db, token) => AddAsync(db, "after", token), Ended);

        Assert.Equal(6, await house.Store.ExecuteAsync("SELECT count(*) FROM IdempotencyKeys"));
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_not_made_again()
    {
        await using var house = await PostgresHouse.StartAsync(throughProxy: true);
        var runs = 0;
        await house.Writer.WriteAsync((db, token) => AddAsync(db, "first", token), Ended);

        var hold = house.Proxy!.HoldAfter("COMMIT", "COMMIT");
        var work = house.Writer.WriteAsync(async (db, token) =>
        {
            runs++;
            await AddAsync(db, "second", token);
        }, Ended);
        await hold.Reached.WaitAsync(TimeSpan.FromSeconds(10), Ended);
        house.Proxy.Cut();
        hold.Release();
        await work;

        Assert.Equal(1, runs);
        Assert.Equal(2, await house.Store.ExecuteAsync("SELECT count(*) FROM IdempotencyKeys"));
    }

    [Fact]
    public async Task A_work_that_hides_a_failed_statement_fails_and_takes_no_other_along()
    {
        await using var house = await PostgresHouse.StartAsync();
        await house.Writer.WriteAsync((db, token) => AddAsync(db, "same", token), Ended);
        async Task HideAsync(GenApiDbContext db, CancellationToken token)
        {
            await AddAsync(db, "mine", token);
            try
            {
                await AddAsync(db, "same", token);
            }
            catch (DbUpdateException)
            {
                db.ChangeTracker.Clear();
            }
        }

        // Alone, and between others: COMMIT and RELEASE report success or nothing there.
        await Assert.ThrowsAnyAsync<Exception>(() => house.Writer.WriteAsync(HideAsync, Ended));
        var gate = new TaskCompletionSource();
        var first = house.Writer.WriteAsync((_, _) => gate.Task, Ended);
        var before = house.Writer.WriteAsync((db, token) => AddAsync(db, "before", token), Ended);
        var hidden = house.Writer.WriteAsync(HideAsync, Ended);
        var after = house.Writer.WriteAsync((db, token) => AddAsync(db, "after", token), Ended);
        gate.SetResult();

        await Task.WhenAll(first, before, after);
        await Assert.ThrowsAnyAsync<Exception>(() => hidden);
        Assert.Equal(
            ["after", "before", "same"], (await house.Store.QueryAsync("SELECT Key FROM IdempotencyKeys")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Works_of_two_writers_never_run_at_once()
    {
        await using var house = await PostgresHouse.StartAsync();
        // Another process has its own writer, with another name.
        var other = ActivatorUtilities.CreateInstance<DatabaseWriter>(
            house.App.Services, ActivatorUtilities.CreateInstance<InstanceName>(house.App.Services));
        await using var _ = other;
        var inside = 0;
        async Task<long> TakeAsync(GenApiDbContext db, CancellationToken token)
        {
            Assert.Equal(1, Interlocked.Increment(ref inside));
            // Check, then act: only right while nobody else writes.
            var count = await db.Set<IdempotencyRecord>().LongCountAsync(token);
            await AddAsync(db, $"n{count}", token);
            Interlocked.Decrement(ref inside);
            return count;
        }

        var taken = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(at => (at % 2 == 0 ? house.Writer : other).WriteAsync(TakeAsync, Ended)));

        Assert.Equal(Enumerable.Range(0, 100).Select(each => (long)each), taken.Order());
    }

    [Fact]
    public async Task A_transaction_that_only_reads_writes_nothing()
    {
        await using var house = await PostgresHouse.StartAsync();
        await house.Writer.WriteAsync((db, token) => AddAsync(db, "one", token), Ended);
        var other = ActivatorUtilities.CreateInstance<InstanceName>(house.App.Services);
        await using var writer = ActivatorUtilities.CreateInstance<DatabaseWriter>(house.App.Services, other);

        Assert.Equal(1, await writer.WriteAsync((db, token) => db.Set<IdempotencyRecord>().CountAsync(token), Ended));
        Assert.Equal(0, await house.Store.ExecuteAsync($"SELECT count(*) FROM WriterMarks WHERE Writer = '{other.Id}'"));
        await writer.WriteAsync((db, token) => db.RewriteAsync(token), Ended);
        Assert.Equal(1, await house.Store.ExecuteAsync($"SELECT count(*) FROM WriterMarks WHERE Writer = '{other.Id}'"));
    }

    [Fact]
    public async Task The_time_of_a_work_is_the_servers()
    {
        await using var house = await PostgresHouse.StartAsync();

        var before = await house.Store.ExecuteAsync("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");
        var now = await house.Writer.WriteAsync((db, _) => Task.FromResult(db.Now), Ended);
        var after = await house.Store.ExecuteAsync("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");

        Assert.InRange(now.ToUnixTimeMilliseconds(), before, after);
        await using var db = await house.App.Services.GetRequiredService<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync(Ended);
        Assert.Throws<InvalidOperationException>(() => db.Now);
    }

    [Fact]
    public async Task A_read_whose_pooled_connection_was_ended_is_made_again()
    {
        await using var house = await PostgresHouse.StartAsync();
        await house.App.GenerateAsync(Requests.Small(1));

        await house.Store.CutAsync();

        Assert.Equal(200, (await house.App.GetAsync("/generations?limit=1")).Status);
    }

    [Fact]
    public async Task While_the_server_is_away_requests_get_503_and_afterwards_all_goes_on()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var server = await PostgresServer.StartAsync();
        await using var house = await PostgresHouse.StartAsync(server: server);
        var done = await house.App.GenerateAsync(Requests.Small(1));
        await server.StopAsync();

        var refused = await house.App.PostAsync("/generate", Requests.Small(2));
        var again = await house.App.PostAsync("/generate", Requests.Small(3));

        Assert.Equal((503, 503), (refused.Status, again.Status));
        Assert.NotNull(again.Header("Retry-After"));
        Assert.Equal("storage_unavailable", again["code"].GetString());
        await server.StartAgainAsync();
        while ((await house.App.PostAsync("/generate", Requests.Small(4))).Status == 503)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ended);
        Assert.Equal(200, (await house.App.GetAsync($"/generations/{done["id"].GetString()}")).Status);
    }

    private static Task<int> AddAsync(GenApiDbContext db, string key, CancellationToken cancellationToken)
    {
        db.Add(new IdempotencyRecord
        {
            Scope = "s",
            Key = key,
            BodyHash = "",
            GenerationId = Guid.Empty,
            ExpiresAt = DateTimeOffset.MaxValue,
        });
        return db.SaveChangesAsync(cancellationToken);
    }
}
