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
    private const string Overlap = "The previous secret also signs for 24 hours.";

    public static void DocumentSecret(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetWebhookSecret", Tag, "Get the secret of my webhooks",
            "Every API key has its own secret. While there are no keys, and for the admin key of the settings, it is the installation's "
                + "secret. Once keys exist, callers without one get 403; the operator can give them the installation's secret.")
        .Answer<WebhookSecretContract>(200, "The secret in use.")
        .Problems();

    public static void DocumentRotateSecret(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RotateWebhookSecret", Tag, "Rotate the secret of my webhooks",
            $"{Overlap} The installation's secret can't be rotated here: 409. A fifth rotation within 24 hours is 409 too.")
        .Answer<WebhookSecretContract>(200, "The new secret.")
        .Problems(ErrorKind.Conflict);

    public static void DocumentRotateSecretOfKey(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RotateWebhookSecretOfKey", ApiTags.Keys, "Rotate the secret of an API key's webhooks",
            $"{Overlap} The API key itself stays the same.")
        .Path("id", "`key_…`.")
        .Answer<WebhookSecretContract>(200, "The new secret.")
        .Problems(ErrorKind.NotFound, ErrorKind.Conflict);
}
