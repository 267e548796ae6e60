using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Checks;

/// <summary>
/// Compares the stored budgets with the rows. Reserved must be the worst cases of the unfinished generations, and spent the costs in the
/// ledger: by the day and month of acceptance, for each account, for each end user behind it, and for all together.
/// </summary>
public sealed class BudgetCheck(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer)
{
    /// <summary>The budgets by the rows. 621355968000000000 is the ticks of 1970-01-01.</summary>
    private const string Truth =
        """
        SELECT iif(w."owner" = 'all', x'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF', c."AccountId") AS "AccountId", c."Upstream" AS "Upstream",
            substr(c."Day", 1, p."length") AS "Period", iif(w."owner" = 'end user', c."EndUser", '') AS "EndUser",
            sum(c."Spent") AS "SpentMicros", sum(c."Reserved") AS "ReservedMicros"
        FROM (
            SELECT "AccountId", "EndUser", "Upstream", date(("AcceptedAt" - 621355968000000000) / 10000000, 'unixepoch') AS "Day",
                COALESCE("CostMicros", 0) AS "Spent", 0 AS "Reserved"
            FROM "UsageEntries" WHERE "Kind" = 'Run'
            UNION ALL
            SELECT "OwnerId", COALESCE("EndUser", ''), "Upstream", date(("CreatedAt" - 621355968000000000) / 10000000, 'unixepoch'),
                0, COALESCE("EstimatedMicros", 0)
            FROM "Generations" WHERE "CompletedAt" IS NULL
        ) AS c, (SELECT 'account' AS "owner" UNION ALL SELECT 'end user' UNION ALL SELECT 'all') AS w,
            (SELECT 10 AS "length" UNION ALL SELECT 7 UNION ALL SELECT 0) AS p
        WHERE w."owner" <> 'end user' OR c."EndUser" <> ''
        GROUP BY 1, 2, 3, 4
        """;

    private const string Columns = """ "AccountId", "Upstream", "Period", "EndUser", "SpentMicros", "ReservedMicros" """;

    public async Task RunAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        // A generation that was edited by hand is reported as such, and not once more for its consequences.
        if (!repair
            && await contexts.ReadAsync(
                db => db.Set<Generation>().AnyAsync(Generation.ViolatesInvariant, cancellationToken), cancellationToken))
            return;
        // A row of zeros is correct: the first request of a day leaves one when it is refused.
        var wrong = await contexts.ReadAsync(db => db.Database.SqlQueryRaw<WrongPeriod>(
            $"""
            SELECT COALESCE(t."AccountId", b."AccountId") AS "AccountId", COALESCE(t."Upstream", b."Upstream") AS "Upstream",
                COALESCE(t."Period", b."Period") AS "Period", COALESCE(t."EndUser", b."EndUser") AS "EndUser",
                COALESCE(b."SpentMicros", 0) AS "Spent", COALESCE(t."SpentMicros", 0) AS "TrueSpent",
                COALESCE(b."ReservedMicros", 0) AS "Reserved", COALESCE(t."ReservedMicros", 0) AS "TrueReserved"
            FROM ({Truth}) AS t FULL OUTER JOIN "BudgetPeriods" AS b
                USING ("AccountId", "Upstream", "Period", "EndUser")
            WHERE "Spent" <> "TrueSpent" OR "Reserved" <> "TrueReserved" ORDER BY 1, 2, 3, 4
            """).ToListAsync(cancellationToken), cancellationToken);
        foreach (var each in wrong)
        {
            report.Problem("budget_wrong", each.Subject,
                $"has {MicroDollars.ToText(each.Spent)} spent and {MicroDollars.ToText(each.Reserved)} reserved; by the ledger and the "
                    + $"unfinished generations it is {MicroDollars.ToText(each.TrueSpent)} and {MicroDollars.ToText(each.TrueReserved)}.",
                repair ? "summed up again" : null);
        }
        if (repair && wrong.Count > 0)
        {
            await writer.WriteAsync(async (db, token) =>
            {
                await db.Set<BudgetPeriod>().ExecuteDeleteAsync(token);
                await db.Database.ExecuteSqlRawAsync($"INSERT INTO \"BudgetPeriods\" ({Columns}) SELECT {Columns} FROM ({Truth})", token);
            }, cancellationToken);
        }
    }

    private sealed record WrongPeriod(
        byte[] AccountId, string Upstream, string Period, string EndUser, long Spent, long TrueSpent, long Reserved, long TrueReserved)
    {
        public string Subject
        {
            get
            {
                var account = new Guid(AccountId, bigEndian: true);
                var name = account == BudgetReservations.AllAccounts ? "all accounts" : AccountNames.Of(account);
                var whose = EndUser.Length == 0 ? name : $"{name} end user '{EndUser}'";
                return $"{whose} {Upstream} {(Period.Length == 0 ? "altogether" : Period)}";
            }
        }
    }
}
