using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Accounts.Budgets;

/// <summary>
/// Reserves, settles and refunds budgets. The worst case of a generation is reserved in every period that it falls into, for its account
/// and for all accounts together, in the transaction that writes its row. The transaction that ends it replaces the reservation by the
/// actual cost. Whatever crashes in between, the reserved sum equals the worst cases of everything unfinished, and spent plus reserved
/// never exceeds a limit.
/// </summary>
public sealed class BudgetReservations(
    IDbContextFactory<GenApiDbContext> contexts, IOptions<AccountsOptions> options, TimeProvider time)
{
    /// <summary>The account that stands for all accounts together; its limits are those of the whole installation.</summary>
    public static readonly Guid AllAccounts = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    private static readonly Func<GenApiDbContext, Guid, Task<BudgetLimits?>> OwnLimits =
        EF.CompileAsyncQuery((GenApiDbContext db, Guid account) => db.Set<ApiKey>()
            .Where(key => key.Id == account)
            .Select(key => new BudgetLimits(key.DayBudgetMicros, key.MonthBudgetMicros, key.TotalBudgetMicros))
            .FirstOrDefault());

    private static readonly Func<GenApiDbContext, Guid, string, string, string, IAsyncEnumerable<BudgetPeriod>> Present =
        EF.CompileAsyncQuery((GenApiDbContext db, Guid account, string upstream, string day, string month) => db.Set<BudgetPeriod>()
            .AsNoTracking()
            .Where(row => (row.AccountId == account || row.AccountId == AllAccounts) && row.Upstream == upstream
                && (row.Period == day || row.Period == month || row.Period == "")));

    /// <summary>Reserves the worst case in every period, or throws and leaves the rollback to the transaction.</summary>
    /// <param name="db">The writer's context.</param>
    /// <param name="account">The account that pays.</param>
    /// <param name="upstream"><c>replicate</c> or <c>sandbox</c>.</param>
    /// <param name="worstMicros">The highest possible cost; null: no price is known.</param>
    /// <param name="unbounded">Why the cost may be higher than that, as a sentence; null: it can't be.</param>
    /// <param name="now">When the generation is accepted.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="GenApiException">
    /// BudgetExhausted; or UnpricedModel: there is a limit, but no price, or no bound for the cost.
    /// </exception>
    public async Task ReserveAsync(
        GenApiDbContext db, Guid account, string upstream, long? worstMicros, string? unbounded, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        // Read here, so that a limit lowered a moment ago already applies.
        var own = Effective(account, AccountNames.HasKey(account) ? await OwnLimits(db, account) : null);
        var all = options.Value.Budget.ToLimits();
        if (!options.Value.AllowUnpriced && (own != BudgetLimits.None || all != BudgetLimits.None))
        {
            if (worstMicros is null)
            {
                throw new GenApiException(ErrorKind.UnpricedModel, "There is a budget, but no price is known for this model. "
                    + "Use another model, or ask the operator to add a price to Models:Prices.");
            }
            if (unbounded is not null)
            {
                throw new GenApiException(
                    ErrorKind.UnpricedModel, $"There is a budget, but nothing bounds the cost of this request. {unbounded}");
            }
        }
        var worst = worstMicros ?? 0;
        if (own == BudgetLimits.None && all == BudgetLimits.None)
        {
            var rows = await Rows(db, account, upstream, now).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.ReservedMicros, row => row.ReservedMicros + worst), cancellationToken);
            if (rows < 2 * BudgetSpans.All.Count)
                await AddMissingAsync(db, account, upstream, worst, now, cancellationToken);
            return;
        }
        await AddMissingAsync(db, account, upstream, 0, now, cancellationToken);
        foreach (var (whose, limits) in new[] { (account, own), (AllAccounts, all) })
        {
            foreach (var span in BudgetSpans.All)
            {
                var limit = limits.Of(span);
                if (await ReserveAsync(db, new(whose, upstream, span.Period(now)), worst, limit, cancellationToken))
                    continue;
                var states = await ReadAsync(db, account, upstream, now, own, all, cancellationToken);
                throw Exhausted(states.Single(each => each.IsOfAll == (whose == AllAccounts) && each.Span == span), worst);
            }
        }
    }

    /// <summary>Replaces the reservation of an ended generation by its cost.</summary>
    /// <param name="db">The writer's context.</param>
    /// <param name="account">The account that pays.</param>
    /// <param name="upstream">As reserved.</param>
    /// <param name="worstMicros">As reserved.</param>
    /// <param name="costMicros">Null: the cost is unknown, and nothing is counted.</param>
    /// <param name="acceptedAt">Decides which day and month the cost belongs to, however long the run took.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public static Task SettleAsync(
        GenApiDbContext db, Guid account, string upstream, long? worstMicros, long? costMicros, DateTimeOffset acceptedAt,
        CancellationToken cancellationToken)
    {
        var (worst, cost) = (worstMicros ?? 0, costMicros ?? 0);
        return Rows(db, account, upstream, acceptedAt).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.ReservedMicros, row => row.ReservedMicros - worst)
            .SetProperty(row => row.SpentMicros, row => row.SpentMicros + cost), cancellationToken);
    }

    /// <summary>Returns the current budgets of an account by span: its own first, then the shared ones that have a limit.</summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public Task<IReadOnlyList<BudgetState>> ReadAsync(Guid account, string upstream, CancellationToken cancellationToken) =>
        contexts.ReadAsync(async db =>
        {
            var own = Effective(account, await OwnLimits(db, account));
            return await ReadAsync(db, account, upstream, time.GetUtcNow(), own, options.Value.Budget.ToLimits(), cancellationToken);
        }, cancellationToken);

    /// <summary>Returns the budgets of several keys, without the shared ones.</summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public Task<IReadOnlyDictionary<Guid, IReadOnlyList<BudgetState>>> ReadAsync(
        IReadOnlyCollection<ApiKey> keys, string upstream, CancellationToken cancellationToken) =>
        contexts.ReadAsync<IReadOnlyDictionary<Guid, IReadOnlyList<BudgetState>>>(async db =>
        {
            var now = time.GetUtcNow();
            var periods = BudgetSpans.All.Select(span => span.Period(now)).ToList();
            var found = await db.Set<BudgetPeriod>().AsNoTracking()
                .Where(row => row.Upstream == upstream && periods.Contains(row.Period))
                .ToListAsync(cancellationToken);
            var rows = found.ToDictionary(row => (row.AccountId, row.Period));
            return keys.ToDictionary(key => key.Id, IReadOnlyList<BudgetState> (key) =>
                [.. BudgetSpans.All.Select(span => State(rows, key.Id, span, Effective(key.Id, key.Budgets), now))]);
        }, cancellationToken);

    private static async Task<IReadOnlyList<BudgetState>> ReadAsync(
        GenApiDbContext db, Guid account, string upstream, DateTimeOffset now, BudgetLimits own, BudgetLimits all,
        CancellationToken cancellationToken)
    {
        var rows = new Dictionary<(Guid, string), BudgetPeriod>();
        var (day, month) = (BudgetSpan.Day.Period(now), BudgetSpan.Month.Period(now));
        await foreach (var row in Present(db, account, upstream, day, month).WithCancellation(cancellationToken))
            rows[(row.AccountId, row.Period)] = row;
        return
        [
            .. BudgetSpans.All.Select(span => State(rows, account, span, own, now)),
            .. BudgetSpans.All.Where(span => all.Of(span) is not null).Select(span => State(rows, AllAccounts, span, all, now)),
        ];
    }

    private static BudgetState State(
        Dictionary<(Guid, string), BudgetPeriod> rows, Guid whose, BudgetSpan span, BudgetLimits limits, DateTimeOffset now)
    {
        var row = rows.GetValueOrDefault((whose, span.Period(now)));
        return new(whose == AllAccounts, span, limits.Of(span), row?.SpentMicros ?? 0, row?.ReservedMicros ?? 0, span.ResetsAt(now));
    }

    /// <summary>Returns the periods that a generation accepted at that time falls into.</summary>
    private static IQueryable<BudgetPeriod> Rows(GenApiDbContext db, Guid account, string upstream, DateTimeOffset acceptedAt)
    {
        var (day, month) = (BudgetSpan.Day.Period(acceptedAt), BudgetSpan.Month.Period(acceptedAt));
        return db.Set<BudgetPeriod>().Where(row =>
            (row.AccountId == account || row.AccountId == AllAccounts) && row.Upstream == upstream
            && (row.Period == day || row.Period == month || row.Period == ""));
    }

    /// <summary>Reserves in one period by a single update that applies only within the limit.</summary>
    private static async Task<bool> ReserveAsync(
        GenApiDbContext db, PeriodKey key, long worst, long? limit, CancellationToken cancellationToken)
    {
        var row = db.Set<BudgetPeriod>()
            .Where(each => each.AccountId == key.Account && each.Upstream == key.Upstream && each.Period == key.Period);
        if (limit is { } most)
            row = row.Where(each => each.SpentMicros + each.ReservedMicros + worst <= most);
        return await row.ExecuteUpdateAsync(
            set => set.SetProperty(each => each.ReservedMicros, each => each.ReservedMicros + worst), cancellationToken) == 1;
    }

    /// <summary>Adds the rows that are missing, as at the first generation of a day.</summary>
    private static async Task AddMissingAsync(
        GenApiDbContext db, Guid account, string upstream, long reserved, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var missing = new List<PeriodKey>();
        foreach (var whose in new[] { account, AllAccounts })
            missing.AddRange(BudgetSpans.All.Select(span => new PeriodKey(whose, upstream, span.Period(now))));
        var (day, month) = (BudgetSpan.Day.Period(now), BudgetSpan.Month.Period(now));
        await foreach (var row in Present(db, account, upstream, day, month).WithCancellation(cancellationToken))
            missing.Remove(new(row.AccountId, row.Upstream, row.Period));
        if (missing.Count == 0)
            return;
        db.AddRange(missing.Select(each => new BudgetPeriod
        {
            AccountId = each.Account,
            Upstream = each.Upstream,
            Period = each.Period,
            SpentMicros = 0,
            ReservedMicros = reserved,
        }));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Returns a key's own limits, filled from the settings where it has none.</summary>
    private BudgetLimits Effective(Guid account, BudgetLimits? own) =>
        AccountNames.HasDefaults(account) ? (own ?? BudgetLimits.None).Or(options.Value.KeyBudget.ToLimits()) : BudgetLimits.None;

    private static GenApiException Exhausted(BudgetState state, long worst)
    {
        var whose = state.IsOfAll ? "of the whole service" : "of this key";
        var span = state.Span == BudgetSpan.Total ? "in total" : $"for this {state.Span.Word()}";
        // One key must not learn what all keys have spent.
        var sums = state.IsOfAll
            ? "less is left of it than this may cost,"
            : $"{MicroDollars.ToText(state.SpentMicros)} are spent and {MicroDollars.ToText(state.ReservedMicros)} are reserved for "
                + "unfinished generations, and this may cost";
        var limit = MicroDollars.ToText(state.LimitMicros!.Value);
        return new GenApiException(ErrorKind.BudgetExhausted,
            $"The budget {whose} {span} is {limit} USD: {sums} {MicroDollars.ToText(worst)}. Nothing was sent.")
        {
            Budget = new(
                state.IsOfAll, state.Span.Word(), state.LimitMicros.Value, state.SpentMicros, state.ReservedMicros, worst, state.ResetsAt),
        };
    }

    private readonly record struct PeriodKey(Guid Account, string Upstream, string Period);
}

/// <summary>The state of one budget.</summary>
/// <param name="IsOfAll">Whether it is the budget of the whole installation.</param>
/// <param name="Span">The span it covers.</param>
/// <param name="LimitMicros">Null: there is none.</param>
/// <param name="SpentMicros">The cost of everything that has ended.</param>
/// <param name="ReservedMicros">The worst case of everything unfinished.</param>
/// <param name="ResetsAt">When the next period begins; null: never.</param>
public sealed record BudgetState(
    bool IsOfAll, BudgetSpan Span, long? LimitMicros, long SpentMicros, long ReservedMicros, DateTimeOffset? ResetsAt);
