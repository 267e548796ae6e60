using System.Text.Json;
using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;

namespace GenApi.Accounts;

/// <summary>
/// Shows and replaces the secret that signs an account's webhooks. The holder can read it at any time, an administrator only by replacing
/// it.
/// </summary>
internal sealed class WebhookSecretEndpoints(AccountSecrets secrets)
{
    public Task GetAsync(HttpContext context) => WriteAsync(context, secrets.Get(context.Caller()));

    public async Task RotateOwnAsync(HttpContext context) =>
        await WriteAsync(context, await secrets.RotateAsync(context.Caller(), KeyEndpoints.By(context), context.RequestAborted));

    public async Task RotateAsync(string id, HttpContext context) =>
        await WriteAsync(context, await secrets.RotateAsync(KeyEndpoints.ParseId(id), KeyEndpoints.By(context), context.RequestAborted));

    private static Task WriteAsync(HttpContext context, AccountSecret secret)
    {
        context.Response.Headers.CacheControl = "no-store";
        var json = JsonSerializer.SerializeToUtf8Bytes(WebhookSecretContract.Of(secret), AccountsJsonContext.Answers.WebhookSecretContract);
        return JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }
}

internal static class WebhookSecretDocs
{
    private const string Tag = ApiTags.Webhooks;
    private const string Beside = "The one before signs beside it for 24 hours.";

    public static void DocumentSecret(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetWebhookSecret", Tag, "Get the secret of my webhooks",
            "Every API key has its own. While there are no keys, and for the key of the settings, it is the installation's; callers without a key beside others that have one are told none (403): its operator tells it.")
        .Answer<WebhookSecretContract>(200, "As it is now.")
        .Problems();

    public static void DocumentRotateSecret(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RotateWebhookSecret", Tag, "Give my webhooks another secret", $"{Beside} Where no key asks there is none of its own to change: 409, and the same when it was changed four times within 24 hours.")
        .Answer<WebhookSecretContract>(200, "The new one.")
        .Problems(ErrorKind.Conflict);

    public static void DocumentRotateSecretOfKey(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RotateWebhookSecretOfKey", ApiTags.Keys, "Give the webhooks of an API key another secret",
            $"{Beside} What the key itself is asked for by stays.")
        .Path("id", "`key_…`.")
        .Answer<WebhookSecretContract>(200, "The new one.")
        .Problems(ErrorKind.NotFound, ErrorKind.Conflict);
}
