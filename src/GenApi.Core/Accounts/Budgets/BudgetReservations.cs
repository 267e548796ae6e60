using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Accounts.Budgets;

/// <summary>
/// Reserves, settles and refunds budgets. The worst case of a generation is reserved in every period that it falls into, for its account,
/// for the end user that it names behind the account, and for all accounts together, in the transaction that writes its row. The
/// transaction that ends it replaces the reservation by the actual cost. Whatever crashes in between, the reserved sum equals the worst
/// cases of everything unfinished, and spent plus reserved never exceeds a limit.
/// </summary>
public sealed class BudgetReservations(
    IDbContextFactory<GenApiDbContext> contexts, IOptions<AccountsOptions> options, TimeProvider time)
{
    /// <summary>The account that stands for all accounts together; its limits are those of the whole installation.</summary>
    public static readonly Guid AllAccounts = BudgetOwner.OfAll.Account;

    /// <summary>Changes all sums that a run counts for. Its conditions are those of <see cref="Present"/>.</summary>
    private const string Change =
        """
        UPDATE "BudgetPeriods" SET "ReservedMicros" = "ReservedMicros" + @p0, "SpentMicros" = "SpentMicros" + @p1
        WHERE "AccountId" IN (@p2, @p3) AND "Upstream" = @p4 AND "Period" IN (@p5, @p6, '') AND "EndUser" IN ('', @p7)
        """;

    private static readonly Func<GenApiDbContext, Guid, Task<KeyLimits?>> LimitsOfKey =
        StoreQuery.Compile((GenApiDbContext db, Guid account) => db.Set<ApiKey>()
            .Where(key => key.Id == account)
            .Select(key => new KeyLimits(
                new BudgetLimits(key.DayBudgetMicros, key.MonthBudgetMicros, key.TotalBudgetMicros),
                new BudgetLimits(key.EndUserDayBudgetMicros, key.EndUserMonthBudgetMicros, key.EndUserTotalBudgetMicros)))
            .FirstOrDefault());

    // The four conditions are the columns of the key: each row is found without a look at those of other end users.
    private static readonly Func<GenApiDbContext, Guid, string, string, string, string, IAsyncEnumerable<BudgetPeriod>> Present =
        StoreQuery.Compile(
            (GenApiDbContext db, Guid account, string endUser, string upstream, string day, string month) => db.Set<BudgetPeriod>()
                .AsNoTracking()
                .Where(row => (row.AccountId == account || row.AccountId == AllAccounts) && row.Upstream == upstream
                    && (row.Period == day || row.Period == month || row.Period == "")
                    && (row.EndUser == "" || row.EndUser == endUser)));

    /// <summary>Reserves the worst case in every period, or throws and leaves the rollback to the transaction.</summary>
    /// <param name="db">The writer's context.</param>
    /// <param name="payer">Whose budgets it takes from.</param>
    /// <param name="upstream"><c>replicate</c> or <c>sandbox</c>.</param>
    /// <param name="worstMicros">The highest possible cost; null: no price is known.</param>
    /// <param name="unbounded">Why the cost may be higher than that, as a sentence; null: it can't be.</param>
    /// <param name="now">When the generation is accepted.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="GenApiException">
    /// BudgetExhausted; or UnpricedModel: there is a limit, but no price, or no bound for the cost.
    /// </exception>
    public async Task ReserveAsync(
        GenApiDbContext db, BudgetPayer payer, string upstream, long? worstMicros, string? unbounded, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        // Read here, so that a limit lowered a moment ago already applies.
        var limits = Effective(payer, AccountNames.HasKey(payer.Account) ? await LimitsOfKey(db, payer.Account) : null);
        var isLimited = limits.Any(each => each.Limits != BudgetLimits.None);
        RequireBound(isLimited, worstMicros, unbounded);
        var worst = worstMicros ?? 0;
        if (!isLimited)
        {
            var all = limits.Count * BudgetSpans.All.Count;
            await ChangeAsync(
                db, payer, upstream, now, worst, 0,
                rows => rows < all ? AddMissingAsync(db, payer, upstream, worst, now, cancellationToken) : Task.CompletedTask,
                cancellationToken);
            return;
        }
        await AddMissingAsync(db, payer, upstream, 0, now, cancellationToken);
        foreach (var (owner, limit) in limits)
        {
            foreach (var span in BudgetSpans.All)
            {
                if (await ReserveAsync(db, owner, upstream, span.Period(now), worst, limit.Of(span), cancellationToken))
                    continue;
                var present = await PresentAsync(db, payer, upstream, now, cancellationToken);
                throw Exhausted(State(present, owner, span, limit, now), worst);
            }
        }
    }

    /// <summary>Refuses a cost that no limit can be compared with.</summary>
    /// <param name="isLimited">Whether any budget that the payer takes from has a limit.</param>
    /// <param name="worstMicros">The highest possible cost; null: no price is known.</param>
    /// <param name="unbounded">Why the cost may be higher than that, as a sentence; null: it can't be.</param>
    /// <exception cref="GenApiException">UnpricedModel: there is a limit, but no price, or no bound for the cost.</exception>
    public void RequireBound(bool isLimited, long? worstMicros, string? unbounded)
    {
        if (options.Value.AllowUnpriced || !isLimited)
            return;
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

    /// <summary>Replaces the reservation of an ended generation by its cost.</summary>
    /// <param name="db">The writer's context.</param>
    /// <param name="payer">As reserved.</param>
    /// <param name="upstream">As reserved.</param>
    /// <param name="worstMicros">As reserved.</param>
    /// <param name="costMicros">Null: the cost is unknown, and nothing is counted.</param>
    /// <param name="acceptedAt">Decides which day and month the cost belongs to, however long the run took.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public static Task SettleAsync(
        GenApiDbContext db, BudgetPayer payer, string upstream, long? worstMicros, long? costMicros, DateTimeOffset acceptedAt,
        CancellationToken cancellationToken) =>
        ChangeAsync(db, payer, upstream, acceptedAt, -(worstMicros ?? 0), costMicros ?? 0, null, cancellationToken);

    /// <summary>
    /// Returns the current budgets by span: those of the account, those of the end user if one is named, then the shared ones that have a
    /// limit.
    /// </summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public Task<IReadOnlyList<BudgetState>> ReadAsync(BudgetPayer payer, string upstream, CancellationToken cancellationToken) =>
        contexts.ReadAsync<IReadOnlyList<BudgetState>>(async db =>
        {
            var now = time.GetUtcNow();
            var limits = Effective(payer, await LimitsOfKey(db, payer.Account));
            var rows = await PresentAsync(db, payer, upstream, now, cancellationToken);
            return
            [
                .. from each in limits
                   from span in BudgetSpans.All
                   where each.Owner != BudgetOwner.OfAll || each.Limits.Of(span) is not null
                   select State(rows, each.Owner, span, each.Limits, now),
            ];
        }, cancellationToken);

    /// <summary>Returns the budgets of several keys, without the shared ones.</summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public Task<IReadOnlyDictionary<Guid, IReadOnlyList<BudgetState>>> ReadAsync(
        IReadOnlyCollection<ApiKey> keys, string upstream, CancellationToken cancellationToken) =>
        contexts.ReadAsync<IReadOnlyDictionary<Guid, IReadOnlyList<BudgetState>>>(async db =>
        {
            var now = time.GetUtcNow();
            var periods = BudgetSpans.All.Select(span => span.Period(now)).ToList();
            var accounts = keys.Select(key => key.Id).ToList();
            var found = await db.Set<BudgetPeriod>().AsNoTracking()
                .Where(row => accounts.Contains(row.AccountId) && row.Upstream == upstream && periods.Contains(row.Period)
                    && row.EndUser == "")
                .ToListAsync(cancellationToken);
            var rows = found.ToDictionary(row => (new BudgetOwner(row.AccountId), row.Period));
            return keys.ToDictionary(key => key.Id, IReadOnlyList<BudgetState> (key) =>
                [.. BudgetSpans.All.Select(span => State(rows, new(key.Id), span, Effective(key.Id, key.Budgets), now))]);
        }, cancellationToken);

    private static async Task<Dictionary<(BudgetOwner, string), BudgetPeriod>> PresentAsync(
        GenApiDbContext db, BudgetPayer payer, string upstream, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<(BudgetOwner, string), BudgetPeriod>();
        var (day, month) = (BudgetSpan.Day.Period(now), BudgetSpan.Month.Period(now));
        await foreach (var row in Present(db, payer.Account, payer.EndUser ?? "", upstream, day, month).WithCancellation(cancellationToken))
            rows[(new(row.AccountId, row.EndUser), row.Period)] = row;
        return rows;
    }

    private static BudgetState State(
        Dictionary<(BudgetOwner, string), BudgetPeriod> rows, BudgetOwner owner, BudgetSpan span, BudgetLimits limits, DateTimeOffset now)
    {
        var row = rows.GetValueOrDefault((owner, span.Period(now)));
        return new(
            owner == BudgetOwner.OfAll, span, limits.Of(span), row?.SpentMicros ?? 0, row?.ReservedMicros ?? 0, span.ResetsAt(now))
        {
            EndUser = owner.EndUser.Length > 0 ? owner.EndUser : null,
        };
    }

    /// <summary>Changes the sums of the periods into which a generation accepted at that time falls.</summary>
    /// <inheritdoc cref="RowStatements.ExecuteLaterAsync"/>
    private static Task ChangeAsync(
        GenApiDbContext db, BudgetPayer payer, string upstream, DateTimeOffset acceptedAt, long reserved, long spent,
        Func<int, Task>? then, CancellationToken cancellationToken) =>
        db.ExecuteLaterAsync(
            new(
                Change, reserved, spent, payer.Account, AllAccounts, upstream, BudgetSpan.Day.Period(acceptedAt),
                BudgetSpan.Month.Period(acceptedAt), payer.EndUser ?? ""),
            then, cancellationToken);

    /// <summary>Reserves in one period by a single update that applies only within the limit.</summary>
    private static async Task<bool> ReserveAsync(
        GenApiDbContext db, BudgetOwner owner, string upstream, string period, long worst, long? limit,
        CancellationToken cancellationToken)
    {
        var row = db.Set<BudgetPeriod>().Where(each => each.AccountId == owner.Account && each.Upstream == upstream
            && each.Period == period && each.EndUser == owner.EndUser);
        if (limit is { } most)
            row = row.Where(each => each.SpentMicros + each.ReservedMicros + worst <= most);
        return await row.ExecuteUpdateAsync(
            set => set.SetProperty(each => each.ReservedMicros, each => each.ReservedMicros + worst), cancellationToken) == 1;
    }

    /// <summary>Adds the rows that are missing, as at the first generation of a day.</summary>
    private static async Task AddMissingAsync(
        GenApiDbContext db, BudgetPayer payer, string upstream, long reserved, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var present = await PresentAsync(db, payer, upstream, now, cancellationToken);
        var missing =
            from owner in payer.Owners()
            from span in BudgetSpans.All
            where !present.ContainsKey((owner, span.Period(now)))
            select new BudgetPeriod
            {
                AccountId = owner.Account,
                EndUser = owner.EndUser,
                Upstream = upstream,
                Period = span.Period(now),
                SpentMicros = 0,
                ReservedMicros = reserved,
            };
        db.AddRange(missing);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Returns the limits of everything that the payer takes from, in the order in which they are asked.</summary>
    private List<(BudgetOwner Owner, BudgetLimits Limits)> Effective(BudgetPayer payer, KeyLimits? key) =>
    [
        .. payer.Owners().Select(owner => (
            owner,
            owner == BudgetOwner.OfAll ? options.Value.Budget.ToLimits()
            : owner.EndUser.Length > 0 ? key?.EndUser ?? BudgetLimits.None
            : Effective(owner.Account, key?.Own))),
    ];

    /// <summary>Returns a key's own limits, filled from the settings where it has none.</summary>
    private BudgetLimits Effective(Guid account, BudgetLimits? own) =>
        AccountNames.HasDefaults(account) ? (own ?? BudgetLimits.None).Or(options.Value.KeyBudget.ToLimits()) : BudgetLimits.None;

    private static GenApiException Exhausted(BudgetState state, long worst)
    {
        var whose = state.IsOfAll ? "of the whole service"
            : state.EndUser is { } endUser ? $"of the end user '{endUser}' of this key"
            : "of this key";
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
                state.IsOfAll, state.Span.Word(), state.LimitMicros.Value, state.SpentMicros, state.ReservedMicros, worst, state.ResetsAt)
            {
                EndUser = state.EndUser,
            },
        };
    }

    /// <param name="Own">The limits of the key itself.</param>
    /// <param name="EndUser">The limits of each end user behind the key.</param>
    private sealed record KeyLimits(BudgetLimits Own, BudgetLimits EndUser);
}
