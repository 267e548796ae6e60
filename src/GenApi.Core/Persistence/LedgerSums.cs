using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace GenApi.Core.Persistence;

/// <summary>
/// The sums that are stored beside the rows they are made of: spent and reserved money by period, and usage by day. It compares them with
/// the rows, and makes them again from the rows. Each is one statement, so nothing that is written meanwhile can interfere. Sums by the day
/// of a stamp in ticks can't be written in LINQ.
/// </summary>
/// <param name="database">The database of the context.</param>
/// <param name="words">The parts of the statements that engines write differently.</param>
internal sealed class LedgerSums(DatabaseFacade database, LedgerWords words)
{
    private const string PeriodColumns = """ "AccountId", "Upstream", "Period", "EndUser", "SpentMicros", "ReservedMicros" """;

    private const string DayColumns =
        """
        "Day", "AccountId", "Model", "Upstream", "Status", "EndUser", "Runs", "Hits", "Joined", "Images", "PredictMilliseconds",
        "CostMicros", "SavedMicros", "Unpriced"
        """;

    private string Periods =>
        $"""
        SELECT CASE WHEN w."owner" = 'all' THEN {words.AllAccounts} ELSE c."AccountId" END AS "AccountId", c."Upstream" AS "Upstream",
            substr(c."Day", 1, p."length") AS "Period", CASE WHEN w."owner" = 'end user' THEN c."EndUser" ELSE '' END AS "EndUser",
            CAST(sum(c."Spent") AS bigint) AS "SpentMicros", CAST(sum(c."Reserved") AS bigint) AS "ReservedMicros"
        FROM (
            SELECT "AccountId", "EndUser", "Upstream", {Write(words.DayText, "AcceptedAt")} AS "Day",
                COALESCE("CostMicros", 0) AS "Spent", 0 AS "Reserved"
            FROM "UsageEntries" WHERE "Kind" = 'Run'
            UNION ALL
            SELECT "OwnerId", COALESCE("EndUser", ''), "Upstream", {Write(words.DayText, "CreatedAt")}, 0, COALESCE("EstimatedMicros", 0)
            FROM "Generations" WHERE "CompletedAt" IS NULL
        ) AS c, (SELECT 'account' AS "owner" UNION ALL SELECT 'end user' UNION ALL SELECT 'all') AS w,
            (SELECT 10 AS "length" UNION ALL SELECT 7 UNION ALL SELECT 0) AS p
        WHERE w."owner" <> 'end user' OR c."EndUser" <> ''
        GROUP BY 1, 2, 3, 4
        """;

    private string Days =>
        $"""
        SELECT {Write(words.Day, "At")} AS "Day", "AccountId", "Model", "Upstream", "Status", "EndUser",
            sum(CASE WHEN "Kind" = 'Run' THEN 1 ELSE 0 END) AS "Runs", sum(CASE WHEN "Kind" = 'Hit' THEN "Count" ELSE 0 END) AS "Hits",
            sum(CASE WHEN "Kind" = 'Joined' THEN "Count" ELSE 0 END) AS "Joined", sum("Images") AS "Images",
            sum("PredictMilliseconds") AS "PredictMilliseconds", sum(COALESCE("CostMicros", 0)) AS "CostMicros",
            sum("SavedMicros") AS "SavedMicros", sum(CASE WHEN "Kind" = 'Run' AND "CostMicros" IS NULL THEN 1 ELSE 0 END) AS "Unpriced"
        FROM "UsageEntries" GROUP BY 1, 2, 3, 4, 5, 6
        """;

    private string WrongPeriods =>
        $"""
        SELECT {Write(words.IdText, "AccountId")} AS "Account", "Upstream", "Period", "EndUser", "Spent", "TrueSpent", "Reserved",
            "TrueReserved"
        FROM (
            SELECT COALESCE(t."AccountId", b."AccountId") AS "AccountId", COALESCE(t."Upstream", b."Upstream") AS "Upstream",
                COALESCE(t."Period", b."Period") AS "Period", COALESCE(t."EndUser", b."EndUser") AS "EndUser",
                COALESCE(b."SpentMicros", 0) AS "Spent", COALESCE(t."SpentMicros", 0) AS "TrueSpent",
                COALESCE(b."ReservedMicros", 0) AS "Reserved", COALESCE(t."ReservedMicros", 0) AS "TrueReserved"
            FROM ({Periods}) AS t FULL OUTER JOIN "BudgetPeriods" AS b
                ON t."AccountId" = b."AccountId" AND t."Upstream" = b."Upstream" AND t."Period" = b."Period" AND t."EndUser" = b."EndUser"
        ) AS d
        WHERE "Spent" <> "TrueSpent" OR "Reserved" <> "TrueReserved" ORDER BY 1, 2, 3, 4
        """;

    private string WrongDays =>
        $"""
        SELECT DISTINCT CAST("Day" AS text) AS "Value" FROM (
            SELECT * FROM (SELECT {DayColumns} FROM "UsageDays" EXCEPT {Days}) AS one
            UNION ALL SELECT * FROM ({Days} EXCEPT SELECT {DayColumns} FROM "UsageDays") AS other) AS d
        ORDER BY 1
        """;

    /// <summary>Lists the periods whose sums differ from the rows. A row of zeros is correct.</summary>
    public Task<List<PeriodDifference>> WrongPeriodsAsync(CancellationToken cancellationToken) =>
        Unlimited().SqlQueryRaw<PeriodDifference>(WrongPeriods).ToListAsync(cancellationToken);

    /// <summary>Makes the sums of all periods again, in the writer's transaction.</summary>
    public Task RepairPeriodsAsync(CancellationToken cancellationToken) => RepairAsync(
        "DELETE FROM \"BudgetPeriods\"",
        $"INSERT INTO \"BudgetPeriods\" ({PeriodColumns}) SELECT {PeriodColumns} FROM ({Periods}) AS t", cancellationToken);

    /// <summary>Lists the days, as <c>2026-11-30</c>, whose sums differ from the ledger.</summary>
    public Task<List<string>> WrongDaysAsync(CancellationToken cancellationToken) =>
        Unlimited().SqlQueryRaw<string>(WrongDays).ToListAsync(cancellationToken);

    /// <summary>Makes the sums of all days again, in the writer's transaction.</summary>
    public Task RepairDaysAsync(CancellationToken cancellationToken) => RepairAsync(
        "DELETE FROM \"UsageDays\"", $"INSERT INTO \"UsageDays\" ({DayColumns}) {Days}", cancellationToken);

    private async Task RepairAsync(string remove, string add, CancellationToken cancellationToken)
    {
        var limit = database.GetCommandTimeout();
        if (words.NoLimit is { } lift)
            await database.ExecuteSqlRawAsync(lift, cancellationToken);
        Unlimited();
        try
        {
            await database.ExecuteSqlRawAsync(remove, cancellationToken);
            await database.ExecuteSqlRawAsync(add, cancellationToken);
        }
        finally
        {
            database.SetCommandTimeout(limit);
        }
    }

    /// <summary>A large ledger takes longer to sum up than a request may wait. SQLite's limit is one for locks, and stays.</summary>
    private DatabaseFacade Unlimited()
    {
        if (words.NoLimit is not null)
            database.SetCommandTimeout(TimeSpan.Zero);
        return database;
    }

    private static string Write(string form, string column) => string.Format(CultureInfo.InvariantCulture, form, $"\"{column}\"");
}

/// <summary>The parts of the statements of <see cref="LedgerSums"/> that engines write differently. {0} is a column.</summary>
/// <param name="Day">The UTC day of a stamp in ticks, as the engine stores days.</param>
/// <param name="DayText">The same as a text, such as <c>2026-11-30</c>.</param>
/// <param name="IdText">An id as 32 hexadecimal digits in lower case.</param>
/// <param name="AllAccounts">The id that stands for all accounts, whose bits are all set.</param>
/// <param name="NoLimit">A statement that lifts the time limit of a transaction; null: it has none.</param>
internal sealed record LedgerWords(string Day, string DayText, string IdText, string AllAccounts, string? NoLimit = null);

/// <summary>A period whose sums differ from the rows. The sums are in millionths of a US dollar.</summary>
/// <param name="Account">The id of the account, as 32 hexadecimal digits.</param>
/// <param name="Upstream">The upstream.</param>
/// <param name="Period">The day or month; empty: all time.</param>
/// <param name="EndUser">The end user; empty: the account as a whole.</param>
/// <param name="Spent">The stored spending.</param>
/// <param name="TrueSpent">The spending by the ledger.</param>
/// <param name="Reserved">The stored reservations.</param>
/// <param name="TrueReserved">The reservations by the unfinished generations.</param>
internal sealed record PeriodDifference(
    string Account, string Upstream, string Period, string EndUser, long Spent, long TrueSpent, long Reserved, long TrueReserved);
