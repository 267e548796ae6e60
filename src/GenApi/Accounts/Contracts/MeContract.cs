using System.ComponentModel;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Hosting;

namespace GenApi.Accounts.Contracts;

[Description("Who asks, and what it may do.")]
internal sealed record MeContract
{
    [Description("`key_…`, or a word for an account without a key: `open`, `anonymous`, `admin-key`. As `GET /usage` takes it for `key`.")]
    public required string Account { get; init; }

    [Description("The key's name; a word for callers without one.")]
    public required string Name { get; init; }

    [Description("What the caller may do.")]
    [Words("KeyRight", typeof(KeyRights))]
    public required IReadOnlyList<string> Rights { get; init; }

    [Description("Null: never, or no key.")]
    public required DateTime? ExpiresAt { get; init; }

    public required LimitsContract Limits { get; init; }

    [Description("`replicate` or `sandbox`: each has its own spending, under the same limits.")]
    [UpstreamWords]
    public required string Upstream { get; init; }

    public required BudgetsContract Budgets { get; init; }

    public static MeContract Of(Caller caller, ApiKey? key, string upstream, IReadOnlyList<BudgetState> budgets) => new()
    {
        Account = AccountNames.Of(caller.AccountId),
        Name = caller.Name,
        Rights = caller.Rights.Words(),
        ExpiresAt = key?.ExpiresAt?.UtcDateTime,
        Limits = new(PerMinute(caller, "requests"), PerMinute(caller, "generations")),
        Upstream = upstream,
        Budgets = BudgetsContract.Of(budgets, ofAll: false),
    };

    private static int? PerMinute(Caller caller, string name)
    {
        foreach (var limit in caller.Limits.Standing())
        {
            if (limit.Name == name)
                return limit.PerMinute;
        }
        return null;
    }
}

[Description("In force for this caller; null: no limit.")]
internal sealed record LimitsContract(int? RequestsPerMinute, int? GenerationsPerMinute);
