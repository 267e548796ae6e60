using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Accounts.Budgets;

/// <summary>
/// Money held, spent and given back. Before a generation is accepted its worst case is reserved in every period that it falls into, of its account and of all together,
/// in the transaction that writes its row; what it cost takes the place of that in the transaction that ends it. So what is reserved is always the sum of the worst cases
/// of what is unfinished, whatever dies in between, and spent and reserved together never pass a limit.
/// </summary>
public sealed class BudgetReservations
{
    /// <summary>The account that stands for all of them: whose limits are those of the whole installation.</summary>
    public static readonly Guid AllAccounts = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    private static readonly Func<GenApiDbContext, Guid, Task<BudgetLimits?>> OwnLimits = EF.CompileAsyncQuery((GenApiDbContext db, Guid account) =>
        db.Set<ApiKey>().Where(key => key.Id == account).Select(key => new BudgetLimits(key.DayBudgetMicros, key.MonthBudgetMicros, key.TotalBudgetMicros)).FirstOrDefault());

    private static readonly Func<GenApiDbContext, Guid, string, string, string, IAsyncEnumerable<BudgetPeriod>> Present =
        EF.CompileAsyncQuery((GenApiDbContext db, Guid account, string upstream, string day, string month) => db.Set<BudgetPeriod>().AsNoTracking().Where(row =>
            (row.AccountId == account || row.AccountId == AllAccounts) && row.Upstream == upstream && (row.Period == day || row.Period == month || row.Period == "")));

    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly IOptions<AccountsOptions> _options;
    private readonly TimeProvider _time;

    internal BudgetReservations(IDbContextFactory<GenApiDbContext> contexts, IOptions<AccountsOptions> options, TimeProvider time) => (_contexts, _options, _time) = (contexts, options, time);

    /// <summary>Reserves all of it, or throws and leaves the undoing to the transaction.</summary>
    /// <param name="db">The writer's.</param>
    /// <param name="account">Who pays.</param>
    /// <param name="upstream"><c>replicate</c> or <c>sandbox</c>.</param>
    /// <param name="worstMicros">What it may cost at most; null: no price is known.</param>
    /// <param name="unbounded">Why it may cost more than that, as a sentence; null: it may not.</param>
    /// <param name="now">When it is accepted.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="GenApiException">BudgetExhausted; or UnpricedModel: there is a limit, and nothing to hold against it, or nothing
    /// that bounds what this costs.</exception>
    public async Task ReserveAsync(GenApiDbContext db, Guid account, string upstream, long? worstMicros, string? unbounded, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Read here, so that a limit that was lowered a moment ago holds already.
        var own = Effective(account, AccountNames.HasKey(account) ? await OwnLimits(db, account) : null);
        var all = _options.Value.Budget.ToLimits();
        if (!_options.Value.AllowUnpriced && (own != BudgetLimits.None || all != BudgetLimits.None))
        {
            if (worstMicros is null)
                throw new GenApiException(ErrorKind.UnpricedModel, "There is a budget, and no price is known for this model, so nothing can be held against the budget. Use another model, or have its price put into Models:Prices.");
            if (unbounded is not null)
                throw new GenApiException(ErrorKind.UnpricedModel, $"There is a budget, and what this costs at most can't be held against it. {unbounded}");
        }
        var worst = worstMicros ?? 0;
        if (own == BudgetLimits.None && all == BudgetLimits.None)
        {
            var rows = await Rows(db, account, upstream, now).ExecuteUpdateAsync(set => set.SetProperty(row => row.ReservedMicros, row => row.ReservedMicros + worst), cancellationToken);
            if (rows < 2 * BudgetSpans.All.Count)
                await MakeAsync(db, account, upstream, worst, now, cancellationToken);
            return;
        }
        await MakeAsync(db, account, upstream, 0, now, cancellationToken);
        foreach (var (whose, limits) in new[] { (account, own), (AllAccounts, all) })
        {
            foreach (var span in BudgetSpans.All)
            {
                var limit = limits.Of(span);
                if (await ReserveAsync(db, new(whose, upstream, span.Period(now)), worst, limit, cancellationToken))
                    continue;
                var state = (await ReadAsync(db, account, upstream, now, own, all, cancellationToken)).Single(each => each.IsOfAll == (whose == AllAccounts) && each.Span == span);
                throw Exhausted(state, worst);
            }
        }
    }

    /// <summary>It has ended: what it cost takes the place of what was reserved for it.</summary>
    /// <param name="db">The writer's.</param>
    /// <param name="account">Who pays.</param>
    /// <param name="upstream">As it was reserved.</param>
    /// <param name="worstMicros">As it was reserved.</param>
    /// <param name="costMicros">Null: nobody knows, and nothing is counted.</param>
    /// <param name="acceptedAt">Whose day and month it belongs to, however long it took.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static Task SettleAsync(
        GenApiDbContext db, Guid account, string upstream, long? worstMicros, long? costMicros, DateTimeOffset acceptedAt, CancellationToken cancellationToken)
    {
        var (worst, cost) = (worstMicros ?? 0, costMicros ?? 0);
        return Rows(db, account, upstream, acceptedAt).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.ReservedMicros, row => row.ReservedMicros - worst)
            .SetProperty(row => row.SpentMicros, row => row.SpentMicros + cost), cancellationToken);
    }

    /// <summary>How an account stands now: by span, its own first and then that of all together where it has a limit.</summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public Task<IReadOnlyList<BudgetState>> ReadAsync(Guid account, string upstream, CancellationToken cancellationToken) => _contexts.ReadAsync(async db =>
        await ReadAsync(db, account, upstream, _time.GetUtcNow(), Effective(account, await OwnLimits(db, account)), _options.Value.Budget.ToLimits(), cancellationToken), cancellationToken);

    /// <summary>The same for several keys, without the limits of all together.</summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public Task<IReadOnlyDictionary<Guid, IReadOnlyList<BudgetState>>> ReadAsync(IReadOnlyCollection<ApiKey> keys, string upstream, CancellationToken cancellationToken) => _contexts.ReadAsync<IReadOnlyDictionary<Guid, IReadOnlyList<BudgetState>>>(async db =>
    {
        var now = _time.GetUtcNow();
        var periods = BudgetSpans.All.Select(span => span.Period(now)).ToList();
        var rows = (await db.Set<BudgetPeriod>().AsNoTracking().Where(row => row.Upstream == upstream && periods.Contains(row.Period)).ToListAsync(cancellationToken))
            .ToDictionary(row => (row.AccountId, row.Period));
        return keys.ToDictionary(key => key.Id, IReadOnlyList<BudgetState> (key) =>
            [.. BudgetSpans.All.Select(span => State(rows, key.Id, span, Effective(key.Id, key.Budgets), now))]);
    }, cancellationToken);

    private static async Task<IReadOnlyList<BudgetState>> ReadAsync(
        GenApiDbContext db, Guid account, string upstream, DateTimeOffset now, BudgetLimits own, BudgetLimits all, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<(Guid, string), BudgetPeriod>();
        await foreach (var row in Present(db, account, upstream, BudgetSpan.Day.Period(now), BudgetSpan.Month.Period(now)).WithCancellation(cancellationToken))
            rows[(row.AccountId, row.Period)] = row;
        return
        [
            .. BudgetSpans.All.Select(span => State(rows, account, span, own, now)),
            .. BudgetSpans.All.Where(span => all.Of(span) is not null).Select(span => State(rows, AllAccounts, span, all, now)),
        ];
    }

    private static BudgetState State(Dictionary<(Guid, string), BudgetPeriod> rows, Guid whose, BudgetSpan span, BudgetLimits limits, DateTimeOffset now)
    {
        var row = rows.GetValueOrDefault((whose, span.Period(now)));
        return new(whose == AllAccounts, span, limits.Of(span), row?.SpentMicros ?? 0, row?.ReservedMicros ?? 0, span.ResetsAt(now));
    }

    /// <summary>Everything that a generation falls into which is accepted then.</summary>
    private static IQueryable<BudgetPeriod> Rows(GenApiDbContext db, Guid account, string upstream, DateTimeOffset acceptedAt)
    {
        var (day, month) = (BudgetSpan.Day.Period(acceptedAt), BudgetSpan.Month.Period(acceptedAt));
        return db.Set<BudgetPeriod>().Where(row =>
            (row.AccountId == account || row.AccountId == AllAccounts) && row.Upstream == upstream && (row.Period == day || row.Period == month || row.Period == ""));
    }

    /// <summary>One update that happens only where there is room.</summary>
    private static async Task<bool> ReserveAsync(GenApiDbContext db, Place place, long worst, long? limit, CancellationToken cancellationToken)
    {
        var row = db.Set<BudgetPeriod>().Where(each => each.AccountId == place.Account && each.Upstream == place.Upstream && each.Period == place.Period);
        if (limit is { } most)
            row = row.Where(each => each.SpentMicros + each.ReservedMicros + worst <= most);
        return await row.ExecuteUpdateAsync(set => set.SetProperty(each => each.ReservedMicros, each => each.ReservedMicros + worst), cancellationToken) == 1;
    }

    /// <summary>The first of a day makes the day's rows.</summary>
    private static async Task MakeAsync(GenApiDbContext db, Guid account, string upstream, long reserved, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var missing = new List<Place>();
        foreach (var whose in new[] { account, AllAccounts })
            missing.AddRange(BudgetSpans.All.Select(span => new Place(whose, upstream, span.Period(now))));
        await foreach (var row in Present(db, account, upstream, BudgetSpan.Day.Period(now), BudgetSpan.Month.Period(now)).WithCancellation(cancellationToken))
            missing.Remove(new(row.AccountId, row.Upstream, row.Period));
        if (missing.Count == 0)
            return;
        db.AddRange(missing.Select(each => new BudgetPeriod { AccountId = each.Account, Upstream = each.Upstream, Period = each.Period, SpentMicros = 0, ReservedMicros = reserved }));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>A key's own limits, and those of the settings where it has none.</summary>
    private BudgetLimits Effective(Guid account, BudgetLimits? own) =>
        AccountNames.HasDefaults(account) ? (own ?? BudgetLimits.None).Or(_options.Value.KeyBudget.ToLimits()) : BudgetLimits.None;

    private static GenApiException Exhausted(BudgetState state, long worst)
    {
        var (whose, span) = (state.IsOfAll ? "of the whole service" : "of this key", state.Span == BudgetSpan.Total ? "altogether" : $"for this {state.Span.Word()}");
        // What all keys have spent is not one key's to know.
        var sums = state.IsOfAll
            ? "less is left of it than"
            : $"{MicroDollars.ToText(state.SpentMicros)} are spent and {MicroDollars.ToText(state.ReservedMicros)} reserved for what is unfinished, and";
        return new GenApiException(ErrorKind.BudgetExhausted,
            $"The budget {whose} {span} is {MicroDollars.ToText(state.LimitMicros!.Value)} USD: {sums} this may cost{(state.IsOfAll ? "," : "")} {MicroDollars.ToText(worst)}. Nothing was sent.")
        {
            Budget = new(state.IsOfAll, state.Span.Word(), state.LimitMicros.Value, state.SpentMicros, state.ReservedMicros, worst, state.ResetsAt),
        };
    }

    private readonly record struct Place(Guid Account, string Upstream, string Period);
}

/// <summary>How a budget stands.</summary>
/// <param name="IsOfAll">It is that of the whole installation.</param>
/// <param name="Span">What it is for.</param>
/// <param name="LimitMicros">Null: there is none.</param>
/// <param name="SpentMicros">By what has ended.</param>
/// <param name="ReservedMicros">For what is unfinished, at its worst case.</param>
/// <param name="ResetsAt">When the next period begins; null: never.</param>
public sealed record BudgetState(bool IsOfAll, BudgetSpan Span, long? LimitMicros, long SpentMicros, long ReservedMicros, DateTimeOffset? ResetsAt);
