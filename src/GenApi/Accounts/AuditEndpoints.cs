using System.Text.Json;
using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;
using GenApi.Hosting.Requests;
using Microsoft.OpenApi;

namespace GenApi.Accounts;

/// <summary>/accounts/audit. Callers only read it.</summary>
internal sealed class AuditEndpoints(AuditLog audit, PageCursors cursors)
{
    private static readonly string[] Names = ["limit", "cursor"];

    public async Task ListAsync(HttpContext context)
    {
        var errors = new MemberErrors();
        PageParameters.CheckNames(context.Request.Query, Names, errors);
        var limit = PageParameters.Limit(context.Request.Query, errors);
        var cursor = PageParameters.Cursor(context.Request.Query, cursors, errors);
        errors.ThrowIfAny();
        var rows = await audit.ListAsync(cursor?.Number, limit + 1, context.RequestAborted);
        var shown = rows.Take(limit).ToList();
        var next = rows.Count > limit ? cursors.Encode(shown[^1].At, shown[^1].Number) : null;
        var page = new CursorPage<AuditEntryContract>([.. shown.Select(AuditEntryContract.Of)], next);
        context.Response.Headers.CacheControl = "no-store";
        var json = JsonSerializer.SerializeToUtf8Bytes(page, AccountsJsonContext.Answers.AuditPage);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    public static void Document(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListAudit", ApiTags.Keys, "List what was done to keys, and to what is others'",
            "Newest first: keys that were made, changed, rotated and revoked, and secrets of their webhooks that were, over HTTP and at the command line; and what was canceled, deleted, pinned or sent again that belongs to another account. Nothing is ever changed or deleted here.")
        .Query("limit", JsonSchemaType.Integer, "1 to 100; 20 when absent.")
        .Query("cursor", JsonSchemaType.String, "The `next_cursor` of the page before.")
        .Answer<CursorPage<AuditEntryContract>>(200, "One page.")
        .Problems(ErrorKind.InvalidRequest);
}
