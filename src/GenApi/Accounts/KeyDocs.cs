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
        .Is("CreateKey", Tag, "Make an API key", "The answer holds the secret, this once. The first key ever made ends the time in which no key was needed, so give it the right `admin`.")
        .Body<KeyRequest>(
            ("service", "A key for a service", """{ "name": "web shop", "rights": ["generate", "read"], "budgets": { "day": "5.00", "month": "100" } }"""),
            ("admin", "A key for an administrator", """{ "name": "operations", "rights": ["admin"], "expires_at": "2040-01-01T00:00:00Z" }"""))
        .Answer<KeyContract>(201, "The key, with its `secret`.", ("Location", "Where the key is."))
        .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType);

    public static void DocumentList(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListKeys", Tag, "List API keys", "All of them, revoked ones too, in the order in which they were made.")
        .Answer<CursorPage<KeyContract>>(200, "All keys; `next_cursor` is null.")
        .Problems();

    public static void DocumentGet(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetKey", Tag, "Get an API key", "Never its secret.")
        .Path("id", IdText)
        .Answer<KeyContract>(200, "As it is now.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentChange(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ChangeKey", Tag, "Change an API key", "What is named is changed, from the next request on. A revoked key stays as it is.")
        .Path("id", IdText)
        .Body<KeyRequest>(("expiry", "Let it expire", """{ "expires_at": "2040-01-01T00:00:00Z" }"""))
        .Answer<KeyContract>(200, "As it is now.")
        .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.NotFound, ErrorKind.Conflict, ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType);

    public static void DocumentRotate(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RotateKey", Tag, "Give an API key another secret", "The old secret is refused from then on.")
        .Path("id", IdText)
        .Answer<KeyContract>(200, "The key, with its new `secret`.")
        .Problems(ErrorKind.NotFound, ErrorKind.Conflict);

    public static void DocumentRevoke(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RevokeKey", Tag, "Revoke an API key", "At once and for good: what it waits for or follows ends too. What was made with it stays.")
        .Path("id", IdText)
        .Answer(204, "It opens nothing any more.")
        .Problems(ErrorKind.NotFound);
}
