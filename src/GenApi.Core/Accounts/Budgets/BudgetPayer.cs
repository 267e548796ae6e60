namespace GenApi.Core.Accounts.Budgets;

/// <summary>The account and the end user whose budgets a generation takes from.</summary>
/// <param name="Account">The account that pays.</param>
/// <param name="EndUser">The end user that the request names behind the account; null: none.</param>
public readonly record struct BudgetPayer(Guid Account, string? EndUser = null)
{
    /// <summary>Lists the owners of its budgets: the account, the end user, and all accounts together.</summary>
    internal IReadOnlyList<BudgetOwner> Owners() => string.IsNullOrEmpty(EndUser)
        ? [new(Account), BudgetOwner.OfAll]
        : [new(Account), new(Account, EndUser), BudgetOwner.OfAll];
}

/// <summary>The owner of a budget.</summary>
/// <param name="Account">An account, or <see cref="BudgetReservations.AllAccounts"/>.</param>
/// <param name="EndUser">An end user behind the account; empty: the account itself.</param>
internal readonly record struct BudgetOwner(Guid Account, string EndUser)
{
    public BudgetOwner(Guid account)
        : this(account, "")
    {
    }

    public static BudgetOwner OfAll { get; } = new(new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"));
}
