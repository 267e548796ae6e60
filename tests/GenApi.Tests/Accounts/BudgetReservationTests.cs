using System.Globalization;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Accounts;

/// <summary>Tests the sums behind budgets: what is reserved, settled and refused, in every period, for an account and for all.</summary>
public sealed class BudgetReservationTests : IAsyncLifetime, IClassFixture<CoreRig>
{
    private static readonly Guid Ann = new("10000000-0000-0000-0000-000000000001"), Bob = new("20000000-0000-0000-0000-000000000002");
    private static readonly DateTimeOffset At = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly CoreRig _rig;

    public BudgetReservationTests(CoreRig rig) => _rig = rig;

    public async ValueTask InitializeAsync() => await _rig.Writer.WriteAsync(async (db, token) =>
    {
        await db.Set<BudgetPeriod>().ExecuteDeleteAsync(token);
        await db.Set<ApiKey>().ExecuteDeleteAsync(token);
    }, CoreRig.Stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reservation_stands_in_each_period_of_the_account_and_of_all_and_adds_up(bool hasLimit)
    {
        var budgets = Budgets(all: hasLimit ? new BudgetOptions { Total = 1 } : null);

        await ReserveAsync(budgets, Ann, 100);
        await ReserveAsync(budgets, Ann, 20);
        await ReserveAsync(budgets, Bob, 3);

        Assert.Equal(
            [
                "Ann  120 + 0", "Ann 2026-01 120 + 0", "Ann 2026-01-31 120 + 0", "Bob  3 + 0", "Bob 2026-01 3 + 0", "Bob 2026-01-31 3 + 0",
                "all  123 + 0", "all 2026-01 123 + 0", "all 2026-01-31 123 + 0",
            ],
            await RowsAsync());
    }

    /// <summary>At the first generation of a day some rows are there and others are not.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_day_and_a_new_upstream_begin_with_nothing(bool hasLimit)
    {
        var budgets = Budgets(all: hasLimit ? new BudgetOptions { Total = 1 } : null);
        await ReserveAsync(budgets, Ann, 100);

        await ReserveAsync(budgets, Ann, 7, at: At.AddDays(1));
        await ReserveAsync(budgets, Ann, 9, upstream: "sandbox");

        Assert.Equal(
            [
                "Ann  107 + 0", "Ann 2026-01 100 + 0", "Ann 2026-01-31 100 + 0", "Ann 2026-02 7 + 0", "Ann 2026-02-01 7 + 0",
                "all  107 + 0", "all 2026-01 100 + 0", "all 2026-01-31 100 + 0", "all 2026-02 7 + 0", "all 2026-02-01 7 + 0",
            ],
            await RowsAsync());
        Assert.Equal(6, (await RowsAsync("sandbox")).Count(row => row.EndsWith(" 9 + 0", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_end_turns_the_reservation_into_its_cost_in_the_periods_of_its_acceptance()
    {
        var budgets = Budgets();
        await ReserveAsync(budgets, Ann, 100);
        await ReserveAsync(budgets, Ann, 20);

        await SettleAsync(Ann, 100, 60);
        await SettleAsync(Ann, 20, null);

        Assert.Equal(
            ["Ann  0 + 60", "Ann 2026-01 0 + 60", "Ann 2026-01-31 0 + 60", "all  0 + 60", "all 2026-01 0 + 60", "all 2026-01-31 0 + 60"],
            await RowsAsync());
        await SettleAsync(Ann, null, 5);
        Assert.Contains("Ann  0 + 65", await RowsAsync());
    }

    [Theory]
    // The limits by span, of the account and of all; what was spent, what is reserved, and what is asked for; what it does not fit.
    [InlineData("0.0001", null, null, null, null, 40, 40, 20, null)]
    [InlineData("0.0001", null, null, null, null, 40, 40, 21, "key day")]
    [InlineData(null, "0.0001", null, null, null, 40, 40, 20, null)]
    [InlineData(null, "0.0001", null, null, null, 40, 40, 21, "key month")]
    [InlineData(null, null, "0.0001", null, null, 40, 40, 20, null)]
    [InlineData(null, null, "0.0001", null, null, 40, 40, 21, "key total")]
    [InlineData(null, null, null, "0.0001", null, 40, 40, 20, null)]
    [InlineData(null, null, null, "0.0001", null, 40, 40, 21, "all day")]
    [InlineData(null, null, null, null, "0.0001", 40, 40, 21, "all total")]
    // Each is checked, the account's own first.
    [InlineData("0.0001", "0.0001", "0.0001", "0.0001", "0.0001", 40, 40, 21, "key day")]
    [InlineData("1", "0.0001", "1", "0.0001", "1", 40, 40, 21, "key month")]
    [InlineData("1", "1", "1", "1", "0.0001", 40, 40, 21, "all total")]
    [InlineData("0", null, null, null, null, 0, 0, 0, null)]
    [InlineData("0", null, null, null, null, 0, 0, 1, "key day")]
    public async Task What_fits_is_reserved_and_what_does_not_is_refused_with_the_figures(
        string? day, string? month, string? total, string? allDay, string? allTotal, long spent, long reserved, long asked, string? beyond)
    {
        var budgets = Budgets(
            new BudgetOptions { Day = Usd(day), Month = Usd(month), Total = Usd(total) },
            new BudgetOptions { Day = Usd(allDay), Total = Usd(allTotal) });
        var free = Budgets();
        await ReserveAsync(free, Ann, spent);
        await SettleAsync(Ann, spent, spent);
        await ReserveAsync(free, Ann, reserved);
        var before = await RowsAsync();

        if (beyond is null)
        {
            await ReserveAsync(budgets, Ann, asked);
            Assert.Contains($"Ann 2026-01-31 {reserved + asked} + {spent}", await RowsAsync());
            return;
        }
        var fault = await Assert.ThrowsAsync<GenApiException>(() => ReserveAsync(budgets, Ann, asked));

        Assert.Equal((ErrorKind.BudgetExhausted, beyond), (fault.Kind, $"{(fault.Budget!.IsOfAll ? "all" : "key")} {fault.Budget.Span}"));
        Assert.Equal(before, await RowsAsync());
        var whose = beyond.StartsWith("all", StringComparison.Ordinal) ? "of the whole service" : "of this key";
        var span = beyond.EndsWith("total", StringComparison.Ordinal) ? "in total" : $"for this {beyond.Split(' ')[1]}";
        Assert.StartsWith($"The budget {whose} {span} is ", fault.Message, StringComparison.Ordinal);
        // One key must not learn what all have spent.
        Assert.Equal(
            beyond.StartsWith("all", StringComparison.Ordinal),
            fault.Message.Contains("less is left of it than this may cost, 0.000021.", StringComparison.Ordinal));
        Assert.Equal(
            !beyond.StartsWith("all", StringComparison.Ordinal),
            fault.Message.Contains(
                $"{MicroDollars.ToText(spent)} are spent and {MicroDollars.ToText(reserved)} are reserved", StringComparison.Ordinal));
    }

    [Theory]
    // Under a limit of the key, of all, or none; whether that is allowed; a worst case and a reason why there may be none.
    [InlineData(true, false, false, null, null, ErrorKind.UnpricedModel)]
    [InlineData(false, true, false, null, null, ErrorKind.UnpricedModel)]
    [InlineData(true, false, false, 5L, "It may run for ever.", ErrorKind.UnpricedModel)]
    [InlineData(false, true, false, 5L, "It may run for ever.", ErrorKind.UnpricedModel)]
    [InlineData(true, true, false, 5L, null, null)]
    [InlineData(true, false, true, null, null, null)]
    [InlineData(true, true, true, 5L, "It may run for ever.", null)]
    [InlineData(false, false, false, null, "It may run for ever.", null)]
    public async Task What_nothing_bounds_is_refused_under_any_budget(
        bool hasOwn, bool hasAll, bool isAllowed, long? worst, string? unbounded, ErrorKind? refused)
    {
        var limit = new BudgetOptions { Month = 1 };
        var budgets = Budgets(hasOwn ? limit : null, hasAll ? limit : null, isAllowed);

        if (refused is null)
        {
            await ReserveAsync(budgets, Ann, worst, unbounded);
            Assert.Contains($"Ann  {worst ?? 0} + 0", await RowsAsync());
            return;
        }
        var fault = await Assert.ThrowsAsync<GenApiException>(() => ReserveAsync(budgets, Ann, worst, unbounded));
        Assert.Equal(refused, fault.Kind);
        Assert.Contains(unbounded ?? "no price is known", fault.Message, StringComparison.Ordinal);
        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task The_limits_of_a_key_go_before_those_of_the_settings_and_the_account_that_keeps_models_warm_has_none()
    {
        var key = await _rig.Get<ApiKeys>().CreateAsync(
            new KeyTerms("shop", KeyRights.Generate, null) { Budgets = new BudgetLimits(null, 50, null) }, Actor.AtTheMachine,
            CoreRig.Stop);
        var budgets = Budgets(new BudgetOptions { Day = 0.0001m, Month = 0.0001m });

        await ReserveAsync(budgets, key.Key.Id, 50);
        Assert.Equal("month", await RefusedSpanAsync(budgets, key.Key.Id));
        // An account without a key has those of the settings.
        await ReserveAsync(budgets, FixedAccounts.AnonymousId, 100);
        Assert.Equal("day", await RefusedSpanAsync(budgets, FixedAccounts.AnonymousId));
        await ReserveAsync(budgets, FixedAccounts.KeepWarmId, 1_000_000);

        var states = await budgets.ReadAsync(new BudgetPayer(key.Key.Id), "replicate", CoreRig.Stop);
        Assert.Equal([100L, 50L, null], states.Select(each => each.LimitMicros));
        Assert.Equal(BudgetSpans.All, states.Select(each => each.Span));
        Assert.All(states, each => Assert.Equal((50L, 0L, false), (each.ReservedMicros, each.SpentMicros, each.IsOfAll)));
        var listed = await budgets.ReadAsync([key.Key], "replicate", CoreRig.Stop);
        Assert.Equal(states, listed[key.Key.Id]);
    }

    [Fact]
    public async Task What_is_read_is_of_the_present_periods_and_shows_the_shared_budgets_that_there_are()
    {
        var now = _rig.Now;
        var budgets = Budgets(all: new BudgetOptions { Month = 1 });
        await ReserveAsync(budgets, Ann, 100, at: now);
        await ReserveAsync(budgets, Bob, 20, at: now);
        await ReserveAsync(budgets, Ann, 3, at: now.AddDays(-40));

        var states = await budgets.ReadAsync(new BudgetPayer(Ann), "replicate", CoreRig.Stop);

        Assert.Equal(
            [
                (false, BudgetSpan.Day, 100L), (false, BudgetSpan.Month, 100L), (false, BudgetSpan.Total, 103L),
                (true, BudgetSpan.Month, 120L),
            ],
            states.Select(each => (each.IsOfAll, each.Span, each.ReservedMicros)));
        Assert.Equal(
            [BudgetSpan.Day.ResetsAt(now), BudgetSpan.Month.ResetsAt(now), null, BudgetSpan.Month.ResetsAt(now)],
            states.Select(each => each.ResetsAt));
        Assert.All(await budgets.ReadAsync(new BudgetPayer(Ann), "sandbox", CoreRig.Stop), each => Assert.Equal(0, each.ReservedMicros));
    }

    private async Task<string?> RefusedSpanAsync(BudgetReservations budgets, Guid account) =>
        (await Assert.ThrowsAsync<GenApiException>(() => ReserveAsync(budgets, account, 1))).Budget?.Span;

    private static decimal? Usd(string? text) => text is null ? null : decimal.Parse(text, CultureInfo.InvariantCulture);

    private BudgetReservations Budgets(BudgetOptions? key = null, BudgetOptions? all = null, bool allowUnpriced = false) =>
        _rig.Make<BudgetReservations>(Options.Create(new AccountsOptions
        {
            KeyBudget = key ?? new(),
            Budget = all ?? new(),
            AllowUnpriced = allowUnpriced,
        }));

    private Task ReserveAsync(
        BudgetReservations budgets, Guid account, long? worst, string? unbounded = null, DateTimeOffset? at = null,
        string upstream = "replicate") => _rig.Writer.WriteAsync(
            (db, token) => budgets.ReserveAsync(db, new(account), upstream, worst, unbounded, at ?? At, token), CoreRig.Stop);

    private Task SettleAsync(Guid account, long? worst, long? cost) => _rig.Writer.WriteAsync(
        (db, token) => BudgetReservations.SettleAsync(db, new(account), "replicate", worst, cost, At, token), CoreRig.Stop);

    /// <summary>Lists account, period, reserved and spent.</summary>
    private async Task<List<string>> RowsAsync(string upstream = "replicate") =>
        [.. (await _rig.AllAsync<BudgetPeriod>(rows => rows.Where(row => row.Upstream == upstream)))
            .Select(row => string.Create(
                CultureInfo.InvariantCulture, $"{Name(row.AccountId)} {row.Period} {row.ReservedMicros} + {row.SpentMicros}"))
            .Order(StringComparer.Ordinal)];

    private static string Name(Guid account) => account == Ann ? "Ann" : account == Bob ? "Bob" : "all";
}
