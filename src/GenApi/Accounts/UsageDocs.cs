using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;
using Microsoft.OpenApi;

namespace GenApi.Accounts;

internal static class UsageDocs
{
    public static void DocumentUsage(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetUsage", ApiTags.Accounts, "Usage and cost",
            "From the usage ledger, which outlives deleted generations. A key sees its own account; one with the right `admin` sees all. `Accept: text/csv` gives the rows as CSV (RFC 4180).")
        .Query("from", JsonSchemaType.String, "A day, or an RFC 3339 time; inclusive, UTC. Absent: the beginning of this month.", "2026-01-01")
        .Query("to", JsonSchemaType.String, "A day, which is included, or an RFC 3339 time, which is not. Absent: the end of the month.", "2026-01-31")
        .Query("group_by", new WordsAttribute("UsageGrouping", typeof(UsageGrouping)), "`day` when absent.")
        .Query("key", JsonSchemaType.String, "`key_…`, or a word for an account without a key: only this one.")
        .Query("upstream", new UpstreamWordsAttribute(), "Absent: the one in use.")
        .Answer<UsageContract>(200, "The sums; as CSV, the rows of `data` under a line with the names of their members.")
        .Also(200, UsageCsv.ContentType)
        .Problems(ErrorKind.InvalidRequest, ErrorKind.NotFound);
}
