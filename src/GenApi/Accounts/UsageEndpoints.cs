using System.Globalization;
using System.Text.Json;
using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Replicate;
using GenApi.Hosting;
using Microsoft.Net.Http.Headers;

namespace GenApi.Accounts;

/// <summary>/usage: sums over the ledger.</summary>
internal sealed class UsageEndpoints(UsageReports reports, ReplicateUpstream upstream, TimeProvider time)
{
    public async Task GetAsync(HttpContext context)
    {
        var query = new UsageQueryReader(context.Request.Query, time.GetUtcNow()).Read(context.Caller(), upstream.Name);
        var report = await reports.ReadAsync(query, context.RequestAborted);
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.Vary = HeaderNames.Accept;
        if (!WantsCsv(context.Request))
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(UsageContract.Of(query, report), AccountsJsonContext.Answers.UsageContract);
            await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
            return;
        }
        var csv = UsageCsv.Of(report);
        context.Response.ContentType = $"{UsageCsv.ContentType}; charset=utf-8; header=present";
        context.Response.ContentLength = csv.Length;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture,
            $"attachment; filename=\"usage-{query.From.UtcDateTime:yyyy-MM-dd}-{UsageQueryReader.Word(query.By)}.csv\"");
        await context.Response.Body.WriteAsync(csv, context.RequestAborted);
    }

    /// <summary>Says whether <c>Accept</c> prefers CSV to JSON; <c>*/*</c> alone means JSON.</summary>
    private static bool WantsCsv(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return false;
        return Wanted(UsageCsv.ContentType) is > 0 and var csv && csv > Wanted("application/json");

        double Wanted(string type) => accepted.Where(each => each.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
            .Select(each => each.Quality ?? 1).DefaultIfEmpty(0).Max();
    }
}
