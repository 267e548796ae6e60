using System.Text.Json;
using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Replicate;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;

namespace GenApi.Accounts;

/// <summary>/accounts/me: the caller's own account.</summary>
internal sealed class MeEndpoint(ApiKeys keys, BudgetReservations budgets, ReplicateUpstream upstream)
{
    public async Task GetAsync(HttpContext context)
    {
        var caller = context.Caller();
        var states = await budgets.ReadAsync(new BudgetPayer(caller.AccountId), upstream.Name, context.RequestAborted);
        var key = keys.List().FirstOrDefault(each => each.Key.Id == caller.KeyId)?.Key;
        context.Response.Headers.CacheControl = "no-store";
        var contract = MeContract.Of(caller, key, upstream.Name, states);
        var json = JsonSerializer.SerializeToUtf8Bytes(contract, AccountsJsonContext.Answers.MeContract);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }
}

internal static class MeDocs
{
    public static void DocumentMe(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetMe", ApiTags.Accounts, "Get my account",
            "The account that the request belongs to: its rights, limits and budgets.")
        .Answer<MeContract>(200, "The account as it is now.")
        .Problems();
}
