using GenApi.Accounts.Contracts;
using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;

namespace GenApi.Accounts;

internal static class KeyDocs
{
    private const string Tag = ApiTags.Keys;
    private const string IdText = "`key_…`.";

    public static void DocumentCreate(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("CreateKey", Tag, "Make an API key", "Only this answer contains the secret. The first key ever made ends access without a "
            + "key, so give it the right `admin`.")
        .Body<KeyRequest>(
            (
                "service",
                "A key for a service",
                """{ "name": "web shop", "rights": ["generate", "read"], "budgets": { "day": "5.00", "month": "100" } }"""),
            ("admin", "A key for an administrator",
                """{ "name": "operations", "rights": ["admin"], "expires_at": "2040-01-01T00:00:00Z" }"""))
        .Answer<KeyContract>(201, "The key, with its `secret`.", ("Location", "The address of the key."))
        .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType);

    public static void DocumentList(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListKeys", Tag, "List API keys", "All keys, including revoked ones, in the order in which they were made.")
        .Answer<CursorPage<KeyContract>>(200, "All keys; `next_cursor` is null.")
        .Problems();

    public static void DocumentGet(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetKey", Tag, "Get an API key", "Without its secret.")
        .Path("id", IdText)
        .Answer<KeyContract>(200, "The key as it is now.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentChange(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ChangeKey", Tag, "Change an API key", "Changes the members given, from the next request on. A revoked key can't be changed.")
        .Path("id", IdText)
        .Body<KeyRequest>(("expiry", "Let it expire", """{ "expires_at": "2040-01-01T00:00:00Z" }"""))
        .Answer<KeyContract>(200, "The key as it is now.")
        .Problems(
            ErrorKind.MalformedJson,
            ErrorKind.InvalidRequest,
            ErrorKind.NotFound,
            ErrorKind.Conflict,
            ErrorKind.BodyTooLarge,
            ErrorKind.UnsupportedMediaType);

    public static void DocumentRotate(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RotateKey", Tag, "Rotate an API key", "The key gets a new secret. The old one is refused from then on.")
        .Path("id", IdText)
        .Answer<KeyContract>(200, "The key, with its new `secret`.")
        .Problems(ErrorKind.NotFound, ErrorKind.Conflict);

    public static void DocumentRevoke(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RevokeKey", Tag, "Revoke an API key", "At once and for good: its waits and event streams end too. Generations made with it "
            + "stay.")
        .Path("id", IdText)
        .Answer(204, "The key is revoked.")
        .Problems(ErrorKind.NotFound);
}
