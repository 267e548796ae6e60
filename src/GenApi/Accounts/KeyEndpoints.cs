using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Accounts;

/// <summary>/accounts/keys. A secret appears in one answer and nowhere else.</summary>
internal sealed class KeyEndpoints(ApiKeys keys, BudgetReservations budgets, ReplicateUpstream upstream, TimeProvider time)
{
    private const string Path = "/accounts/keys";

    public async Task CreateAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.FewBytes, context.RequestAborted);
        var made = await keys.CreateAsync(new KeyRequestReader(body, time.GetUtcNow()).ReadNew(), By(context), context.RequestAborted);
        var contract = await ContractAsync(new(made.Key, null), made.Secret, CancellationToken.None);
        context.Response.Headers.Location = $"{CallerAddress.Of(context.Request)}{Path}/{contract.Id}";
        await WriteAsync(context, StatusCodes.Status201Created, contract, AccountsJsonContext.Answers.KeyContract);
    }

    public async Task ListAsync(HttpContext context)
    {
        var all = keys.List();
        var states = await budgets.ReadAsync([.. all.Select(each => each.Key)], upstream.Name, context.RequestAborted);
        var contracts = all.Select(each => KeyContract.Of(each.Key, each.LastUsedAt, states[each.Key.Id]));
        var page = new CursorPage<KeyContract>([.. contracts], null);
        await WriteAsync(context, StatusCodes.Status200OK, page, AccountsJsonContext.Answers.KeyPage);
    }

    public Task GetAsync(string id, HttpContext context) => WriteAsync(context, keys.Get(ParseId(id)));

    public async Task ChangeAsync(string id, HttpContext context)
    {
        var keyId = ParseId(id);
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.FewBytes, context.RequestAborted);
        await keys.ChangeAsync(keyId, new KeyRequestReader(body, time.GetUtcNow()).ReadChange(), By(context), context.RequestAborted);
        await WriteAsync(context, keys.Get(keyId));
    }

    public async Task RotateAsync(string id, HttpContext context)
    {
        var made = await keys.RotateAsync(ParseId(id), By(context), context.RequestAborted);
        var contract = await ContractAsync(keys.Get(made.Key.Id), made.Secret, CancellationToken.None);
        await WriteAsync(context, StatusCodes.Status200OK, contract, AccountsJsonContext.Answers.KeyContract);
    }

    public async Task RevokeAsync(string id, HttpContext context)
    {
        await keys.RevokeAsync(ParseId(id), By(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    internal static Actor By(HttpContext context) => Actor.Of(context.Caller(), context.Origin());

    internal static Guid ParseId(string text) => RouteId.Parse(PublicId.Key, text, "key");

    private async Task WriteAsync(HttpContext context, KeyDetails key)
    {
        var contract = await ContractAsync(key, null, context.RequestAborted);
        await WriteAsync(context, StatusCodes.Status200OK, contract, AccountsJsonContext.Answers.KeyContract);
    }

    private async Task<KeyContract> ContractAsync(KeyDetails key, string? secret, CancellationToken cancellationToken)
    {
        var states = await budgets.ReadAsync(new BudgetPayer(key.Key.Id), upstream.Name, cancellationToken);
        return KeyContract.Of(key.Key, key.LastUsedAt, states, secret);
    }

    private static Task WriteAsync<T>(HttpContext context, int status, T contract, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(contract, type);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        response.Headers.CacheControl = "no-store";
        return response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }
}
