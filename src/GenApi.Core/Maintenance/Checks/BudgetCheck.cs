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
    public async Task RunAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        // A generation that was edited by hand is reported as such, and not once more for its consequences.
        if (!repair
            && await contexts.ReadAsync(
                db => db.Set<Generation>().AnyAsync(Generation.ViolatesInvariant, cancellationToken), cancellationToken))
            return;
        var wrong = await contexts.ReadAsync(db => db.Sums.WrongPeriodsAsync(cancellationToken), cancellationToken);
        foreach (var each in wrong)
        {
            report.Problem("budget_wrong", SubjectOf(each),
                $"has {MicroDollars.ToText(each.Spent)} spent and {MicroDollars.ToText(each.Reserved)} reserved; by the ledger and the "
                    + $"unfinished generations it is {MicroDollars.ToText(each.TrueSpent)} and {MicroDollars.ToText(each.TrueReserved)}.",
                repair ? "summed up again" : null);
        }
        if (repair && wrong.Count > 0)
            await writer.WriteAsync((db, token) => db.Sums.RepairPeriodsAsync(token), cancellationToken);
    }

    private static string SubjectOf(PeriodDifference each)
    {
        var account = Guid.ParseExact(each.Account, "N");
        var name = account == BudgetReservations.AllAccounts ? "all accounts" : AccountNames.Of(account);
        var whose = each.EndUser.Length == 0 ? name : $"{name} end user '{each.EndUser}'";
        return $"{whose} {each.Upstream} {(each.Period.Length == 0 ? "altogether" : each.Period)}";
    }
}
