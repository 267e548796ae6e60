using System.Text.Json;
using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;
using GenApi.Hosting.Requests;

namespace GenApi.Accounts;

/// <summary>/accounts/audit. Callers only read it.</summary>
internal sealed class AuditEndpoints(AuditLog audit, PageCursors cursors)
{
    public async Task ListAsync(HttpContext context)
    {
        var errors = new MemberErrors();
        PageParameters.CheckNames(context.Request.Query, PageParameters.Both, errors);
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
        .Is("ListAudit", ApiTags.Keys, "List the audit log",
            "Newest first. The log records every key that was made, changed, rotated or revoked, and every webhook secret that was "
                + "rotated, over HTTP and at the command line. It also records what an administrator canceled, deleted, pinned or sent "
                + "again for another account. Entries are never changed or deleted.")
        .Query(PageParameters.Both)
        .Answer<CursorPage<AuditEntryContract>>(200, "One page.")
        .Problems(ErrorKind.InvalidRequest);
}
