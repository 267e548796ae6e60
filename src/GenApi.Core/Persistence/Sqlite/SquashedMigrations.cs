using GenApi.Core.Errors;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>
/// The migrations of the time before 1.0, which are one now. A database that has them all has the tables of <see cref="Initial"/>, and
/// goes on as if that had made it.
/// </summary>
internal static class SquashedMigrations
{
    public const string Initial = "20261130000000_Initial";

    /// <summary>In their order; the last one completes the tables.</summary>
    public static IReadOnlyList<string> Ids { get; } =
    [
        "20261123235221_Initial",
        "20261124162715_InputFiles",
        "20261124173016_LostImages",
        "20261124173206_PricesAndTimes",
        "20261124180451_WaitingIndex",
        "20261124180556_ModelDescriptions",
        "20261124180703_Webhooks",
        "20261124181046_ApiKeys",
        "20261125224241_Owners",
        "20261125225942_UsageAndBudgets",
        "20261125230644_Access",
        "20261125231355_KeepWarmRuns",
        "20261125232600_Retention",
        "20261126001824_Telemetry",
        "20261126014835_WebhookSalts",
        "20261126023826_AuditThings",
        "20261129122600_SearchByAccount",
        "20261129122800_OwnerLeft",
        "20261129123000_OutputFiles",
    ];

    /// <summary>Returns whether the history of a database names all of the earlier migrations.</summary>
    public static bool AreIn(IReadOnlyList<string> applied) => applied.Contains(Ids[^1]);

    /// <returns>The history as this version would have written it.</returns>
    /// <exception cref="SettingException">It has some of them only: nothing here completes its tables.</exception>
    public static IReadOnlyList<string> Replace(IReadOnlyList<string> applied)
    {
        if (AreIn(applied))
            return [Initial, .. applied.Except(Ids).Where(id => id != Initial)];
        if (applied.Intersect(Ids).LastOrDefault() is { } last)
        {
            throw new SettingException(
                "Database",
                $"the file was made by a development version before 1.0 (its last migration is {last}) that this version can't upgrade. "
                + "It was left as it is.");
        }
        return applied;
    }
}
