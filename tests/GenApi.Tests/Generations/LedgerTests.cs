using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Accounts.EndUsers;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Generations;

/// <summary>Tests what is booked to an account: a run once, with its true cost, and an answer without a run by what it saved.</summary>
public sealed class LedgerTests : IAsyncLifetime, IClassFixture<CoreRig>
{
    private static readonly CostEstimate Cents = new(new ModelPrice { PerImage = 0.01m }, 0.01m, 0.04m);

    private readonly CoreRig _rig;
    private readonly Guid _account = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

    public LedgerTests(CoreRig rig) => _rig = rig;

    public async ValueTask InitializeAsync() => await _rig.Writer.WriteAsync(async (db, token) =>
    {
        await db.Set<Generation>().ExecuteDeleteAsync(token);
        await db.Set<BudgetPeriod>().ExecuteDeleteAsync(token);
    }, CoreRig.Stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_end_is_booked_once_and_settles_what_was_reserved()
    {
        var row = await ReservedAsync();
        Assert.Equal((40_000, 0), await MoneyAsync());
        row.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
        row.MarkAccepted($"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}", _rig.Now);
        row.MarkStoring(
            TransitionTests.Files(2), null,
            new Ran(Core.Replicate.PredictionStatus.Succeeded, 1.2346, 9, null, null, null), _rig.Now);
        row.MarkSucceeded(_rig.Now.AddSeconds(7), null);

        await BookAsync(row, images: 2);
        await BookAsync(row, images: 2);

        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal((UsageKind.Run, "succeeded", 1, 2), (entry.Kind, entry.Status, entry.Count, entry.Images));
        Assert.Equal((row.Id, CoreRig.Sdxl, "replicate"), (entry.GenerationId, entry.Model, entry.Upstream));
        Assert.Equal((1235, 7000, 20_000, false), (entry.PredictMilliseconds, entry.DurationMilliseconds, entry.CostMicros, entry.IsFree));
        Assert.Equal((_rig.Now.AddSeconds(7), _rig.Now), (entry.At, entry.AcceptedAt));
        Assert.Equal((0, 20_000), await MoneyAsync());
    }

    [Fact]
    public async Task An_end_before_the_acceptance_took_no_time_and_a_run_that_was_not_measured_none()
    {
        var row = await ReservedAsync();
        row.MarkCanceled(_rig.Now.AddSeconds(-5));

        await BookAsync(row, images: 0);

        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal((0, 0, 0, "canceled"), (entry.DurationMilliseconds, entry.PredictMilliseconds, entry.CostMicros, entry.Status));
        Assert.Equal((0, 0), await MoneyAsync());
    }

    [Fact]
    public async Task Answers_without_a_run_are_counted_by_what_they_saved()
    {
        var counts = _rig.Make<UsageCounts>();
        var ledger = _rig.Make<GenerationLedger>(counts);
        var (made, unpriced) = (TransitionTests.Queued(), TransitionTests.Queued());
        var priced = Generation.Accept(CoreRig.New("a fox", estimate: Cents), _rig.Now);
        made.MarkCanceled(_rig.Now);
        var paid = Generation.Accept(CoreRig.New("a fox", estimate: Cents), _rig.Now);
        paid.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
        paid.MarkFailed(ErrorKind.UpstreamTimeout, "Not found.", _rig.Now);

        var asked = new GenerationRequest { OwnerId = _account };
        ledger.CountAnswer(asked, paid, CacheOutcome.Hit);
        ledger.CountAnswer(asked, paid, CacheOutcome.Hit);
        ledger.CountAnswer(asked, made, CacheOutcome.Hit);
        ledger.CountAnswer(asked, priced, CacheOutcome.Coalesced);
        ledger.CountAnswer(asked, unpriced, CacheOutcome.Coalesced);
        ledger.CountAnswer(asked, unpriced, CacheOutcome.Miss);
        ledger.CountAnswer(asked, unpriced, CacheOutcome.Bypass);
        await counts.FlushAsync(CoreRig.Stop);

        Assert.Equal(
            [
                (made.Id, UsageKind.Hit, 1, 0L), (unpriced.Id, UsageKind.Joined, 1, 0L), (priced.Id, UsageKind.Joined, 1, 10_000L),
                (paid.Id, UsageKind.Hit, 2, 80_000L),
            ],
            (await EntriesAsync()).OrderBy(entry => entry.SavedMicros).ThenBy(entry => entry.Kind)
                .Select(entry => (entry.GenerationId, entry.Kind, entry.Count, entry.SavedMicros)));
    }

    [Fact]
    public async Task Hits_for_too_many_end_users_are_counted_without_one_until_the_next_write()
    {
        var counts = _rig.Make<UsageCounts>();
        var generation = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);
        void Hit(string endUser) =>
            counts.Count(_account, new(endUser, null, null), generation, UsageKind.Hit, new(CoreRig.Sdxl, "replicate", 0));

        for (var person = 0; person < EndUserBound.MostEndUsers + 5; person++)
            Hit($"p{person}");
        Hit("p0");
        await counts.FlushAsync(CoreRig.Stop);
        var first = await EntriesAsync();
        Hit("late");
        await counts.FlushAsync(CoreRig.Stop);

        Assert.Equal(EndUserBound.MostEndUsers + 6, first.Sum(entry => entry.Count));
        Assert.Equal(EndUserBound.MostEndUsers, first.Count(entry => entry.EndUser.Length > 0));
        Assert.Equal(5, Assert.Single(first, entry => entry.EndUser.Length == 0).Count);
        Assert.Equal(2, Assert.Single(first, entry => entry.EndUser == "p0").Count);
        Assert.Single(await EntriesAsync(), entry => entry.EndUser == "late");
    }

    [Fact]
    public async Task Names_of_too_many_end_users_are_noted_after_the_next_write()
    {
        var names = _rig.Make<EndUserNames>();
        for (var person = 0; person < EndUserBound.MostEndUsers + 5; person++)
            names.Note(_account, new($"p{person}", null, "Ann"));
        await names.FlushAsync(CoreRig.Stop);

        Assert.Equal(EndUserBound.MostEndUsers, await CountAsync());
        names.Note(_account, new($"p{EndUserBound.MostEndUsers}", null, "Ann"));
        await names.FlushAsync(CoreRig.Stop);
        Assert.Equal(EndUserBound.MostEndUsers + 1, await CountAsync());

        async Task<int> CountAsync() => (await _rig.AllAsync<EndUserRecord>(rows => rows.Where(row => row.AccountId == _account))).Count;
    }

    [Fact]
    public void An_account_has_a_bound_of_entries_too_and_takes_no_room_from_another()
    {
        var bound = new EndUserBound();
        var another = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

        Assert.Equal(
            EndUserBound.MostEntries, Enumerable.Range(0, EndUserBound.MostEntries + 5).Count(_ => bound.Admits(_account, "ann")));
        Assert.True(bound.Admits(another, "ann"));
    }

    [Theory]
    // The free runs of the settings; those that were used and those under way, here and at another upstream; whether the next one is free.
    [InlineData(0, 0, 0, false)]
    [InlineData(1, 0, 0, true)]
    [InlineData(2, 1, 0, true)]
    [InlineData(2, 0, 1, true)]
    [InlineData(2, 1, 1, false)]
    [InlineData(2, 2, 0, false)]
    [InlineData(2, 0, 2, false)]
    [InlineData(3, 1, 1, true)]
    public async Task The_first_runs_are_free_as_long_as_some_are_left(int setting, int used, int underWay, bool isFree)
    {
        var ledger = Ledger(setting);
        var upstream = $"r{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}"[..16];
        await _rig.Writer.WriteAsync(async (db, token) =>
        {
            for (var count = 0; count < used; count++)
                db.Add(Used(upstream));
            for (var count = 0; count < underWay; count++)
                db.Add(Generation.Accept(CoreRig.New("a fox", upstream: upstream) with { IsFree = true }, _rig.Now));
            // None of these uses one: at another upstream, not free, or ended.
            db.Add(Used("another"));
            db.Add(Generation.Accept(CoreRig.New("a fox", upstream: "another") with { IsFree = true }, _rig.Now));
            db.Add(Generation.Accept(CoreRig.New("a fox", upstream: upstream), _rig.Now));
            var ended = Generation.Accept(CoreRig.New("a fox", upstream: upstream) with { IsFree = true }, _rig.Now);
            ended.MarkCanceled(_rig.Now);
            db.Add(ended);
            await db.SaveChangesAsync(token);
        }, CoreRig.Stop);

        var asked = CoreRig.New("a fox", owner: _account, estimate: Cents, upstream: upstream);
        var made = await _rig.Writer.WriteAsync((db, token) => ledger.ReserveAsync(db, asked, _rig.Now, token), CoreRig.Stop);

        Assert.Equal((isFree, isFree ? 0 : 40_000), (made.IsFree, made.WorstMicros));
        Assert.Equal(isFree ? 0 : 40_000, (await PeriodAsync(upstream)).ReservedMicros);
    }

    private GenerationLedger Ledger(int freeRuns) =>
        _rig.Make<GenerationLedger>(Options.Create(new AccountsOptions { FreeRuns = freeRuns }));

    private async Task<Generation> ReservedAsync()
    {
        var asked = CoreRig.New("a fox", owner: _account, estimate: Cents);
        var made = await _rig.Writer.WriteAsync((db, token) => Ledger(0).ReserveAsync(db, asked, _rig.Now, token), CoreRig.Stop);
        return Generation.Accept(made, _rig.Now);
    }

    private Task BookAsync(Generation row, int images) =>
        _rig.Writer.WriteAsync((db, token) => GenerationLedger.BookAsync(db, row, images, token), CoreRig.Stop);

    private Task<List<UsageEntry>> EntriesAsync() => _rig.AllAsync<UsageEntry>(rows => rows.Where(entry => entry.AccountId == _account));

    private async Task<(long Reserved, long Spent)> MoneyAsync() =>
        await PeriodAsync("replicate") is var period ? (period.ReservedMicros, period.SpentMicros) : default;

    private async Task<BudgetPeriod> PeriodAsync(string upstream) => Assert.Single(await _rig.AllAsync<BudgetPeriod>(
        rows => rows.Where(row => row.AccountId == _account && row.Upstream == upstream && row.Period == "")));

    private UsageEntry Used(string upstream) => new()
    {
        At = _rig.Now,
        AcceptedAt = _rig.Now,
        AccountId = Guid.CreateVersion7(DateTimeOffset.UnixEpoch),
        Model = CoreRig.Sdxl,
        Upstream = upstream,
        Kind = UsageKind.Run,
        GenerationId = Guid.CreateVersion7(DateTimeOffset.UnixEpoch),
        Status = "succeeded",
        Count = 1,
        IsFree = true,
    };
}
