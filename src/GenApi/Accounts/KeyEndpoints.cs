using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Accounts;

/// <summary>/accounts/keys. A secret is in an answer once and nowhere else.</summary>
internal sealed class KeyEndpoints(ApiKeys keys, TimeProvider time)
{
    private const string Path = "/accounts/keys";

    public async Task CreateAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var made = await keys.CreateAsync(new KeyRequestReader(body, time.GetUtcNow()).ReadNew(), context.RequestAborted);
        var contract = KeyContract.Of(made.Key, null, made.Secret);
        context.Response.Headers.Location = $"{context.Request.Scheme}://{context.Request.Host.Value}{context.Request.PathBase.Value}{Path}/{contract.Id}";
        await WriteAsync(context, StatusCodes.Status201Created, contract, AccountsJsonContext.Answers.KeyContract);
    }

    public Task ListAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status200OK,
        new CursorPage<KeyContract>([.. keys.List().Select(each => KeyContract.Of(each.Key, each.LastUsedAt))], null), AccountsJsonContext.Answers.KeyPage);

    public Task GetAsync(string id, HttpContext context) => WriteAsync(context, keys.Get(ParseId(id)));

    public async Task ChangeAsync(string id, HttpContext context)
    {
        var keyId = ParseId(id);
        var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        await keys.ChangeAsync(keyId, new KeyRequestReader(body, time.GetUtcNow()).ReadChange(), context.RequestAborted);
        await WriteAsync(context, keys.Get(keyId));
    }

    public async Task RotateAsync(string id, HttpContext context)
    {
        var made = await keys.RotateAsync(ParseId(id), context.RequestAborted);
        await WriteAsync(context, StatusCodes.Status200OK, KeyContract.Of(made.Key, keys.Get(made.Key.Id).LastUsedAt, made.Secret), AccountsJsonContext.Answers.KeyContract);
    }

    public async Task RevokeAsync(string id, HttpContext context)
    {
        await keys.RevokeAsync(ParseId(id), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Guid ParseId(string text) => PublicId.TryParse(PublicId.Key, text, out var id)
        ? id
        : throw new GenApiException(ErrorKind.NotFound, "There is no such key.");

    private static Task WriteAsync(HttpContext context, KeyDetails key) =>
        WriteAsync(context, StatusCodes.Status200OK, KeyContract.Of(key.Key, key.LastUsedAt), AccountsJsonContext.Answers.KeyContract);

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
