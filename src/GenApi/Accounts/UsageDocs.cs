using GenApi.Accounts.Contracts;
using GenApi.Core.Errors;
using GenApi.Hosting.OpenApi;

namespace GenApi.Accounts;

internal static class UsageDocs
{
    public static void DocumentUsage(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetUsage", ApiTags.Accounts, "Get usage and cost",
            "Sums from the usage ledger, which outlives deleted generations. A key sees its own account; a key with the right `admin` "
                + "sees all accounts. `Accept: text/csv` returns the rows as CSV (RFC 4180).")
        .Query(UsageQueryReader.Parameters)
        .Answer<UsageContract>(200, "The sums. As CSV: the rows of `data` under a line with the names of their members.")
        .Also(200, UsageCsv.ContentType)
        .Problems(ErrorKind.InvalidRequest, ErrorKind.NotFound);
}
