using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace GenApi.Bench.Parts;

/// <summary>
/// Measures pages of <c>GET /images</c> of a key with very many images: the first page and the last one in turns, and filters that match
/// few of them or none.
/// </summary>
internal static class GalleryPart
{
    private const string AdminKey = "an-admin-key-for-measurements-0123456789";
    private const int Asked = 200;
    private const int WarmUp = 40;
    private const int PageSize = 100;
    private const int TagEvery = 1000;
    private const double MostMilliseconds = 30;
    private const double MostRatio = 1.2;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var rows = lab.Settings.Rows;
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var settings = new Dictionary<string, string> { ["Accounts__AdminKey"] = AdminKey };
        var (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "gallery", settings, cancellationToken);
        var key = await KeysPart.MakeKeyAsync(server, cancellationToken);
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await server.GenerateAsync(
            """{"prompt":"a lighthouse by the sea at dusk","model":"sdxl","width":64,"height":64,"seed":1}""", cancellationToken);
        // The copies have the hash of the original, so the loop that computes them is idle.
        while ((await PageAsync(server, "", cancellationToken)).GetProperty("data")[0].GetProperty("thumbhash").GetString() is null)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        await lab.StopAsync(server);
        var file = Path.Combine(lab.Folder, "gallery", "genapi.db");
        await FullStore.FillAsync(file, rows, cancellationToken);
        await TagAsync(file, cancellationToken);
        (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "gallery", settings, cancellationToken);
        foreach (var (who, secret) in new[] { ("a key", key), ("an administrator", AdminKey) })
        {
            server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
            await SearchPart.FilledAsync(server, cancellationToken);
            var (last, pages) = await LastPageAsync(server, rows, cancellationToken);
            var (first, far) = (new List<double>(), new List<double>());
            for (var time = -WarmUp; time < Asked; time++)
            {
                var (one, other) = (
                    await TimeAsync(server, "", PageSize, cancellationToken), await TimeAsync(server, last, null, cancellationToken));
                if (time >= 0)
                    (first, far) = ([.. first, one], [.. far, other]);
            }
            AddRow(table, $"first page, {who}, {rows:N0} images", first);
            AddRow(table, $"page {pages:N0}, {who}", far);
            var ratio = far.Median() / first.Median();
            table.Single("gallery", $"page {pages:N0} / first, {who}", $"{ratio:0.00}", Target.AtMost(MostRatio, ratio));
        }
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var (row, query, count) in new (string, string, int?)[]
        {
            ($"one tag on every {TagEvery:N0}th image", "&tag=rare", PageSize), ("words of every prompt", "&q=lighthouse", PageSize),
            ("a format that no image has", "&format=gif", 0),
        })
        {
            var took = new List<double>();
            for (var time = -WarmUp; time < Asked; time++)
            {
                var one = await TimeAsync(server, query, Math.Min(count ?? 0, query.Contains("tag=", StringComparison.Ordinal)
                    ? rows / TagEvery : PageSize), cancellationToken);
                if (time >= 0)
                    took.Add(one);
            }
            AddRow(table, $"first page, {row}", took);
        }
    }

    private static void AddRow(Table table, string row, List<double> took)
    {
        var figure = took.Percentile(0.95);
        table.Single(
            "gallery", $"{row}, p95", $"{figure:0.0} ms", Target.AtMost(MostMilliseconds, figure, " ms"), $"median {took.Median():0.0} ms");
    }

    private static async Task<double> TimeAsync(Server server, string query, int? count, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        var page = await server.Http.GetByteArrayAsync(Address(query), cancellationToken);
        var took = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        var found = Requests.Parse(page).GetProperty("data").GetArrayLength();
        return found == (count ?? found) && (count is not null || found > 0)
            ? took
            : throw new BenchException($"A page of {query} has {found} images.");
    }

    /// <summary>Walks to the last page that is full or holds the rest.</summary>
    private static async Task<(string Query, int Pages)> LastPageAsync(Server server, int rows, CancellationToken cancellationToken)
    {
        var (query, seen) = ("", 0);
        for (var pages = 1; ; pages++)
        {
            var page = await PageAsync(server, query, cancellationToken);
            seen += page.GetProperty("data").GetArrayLength();
            if (page.GetProperty("next_cursor").GetString() is not { } cursor)
                return seen == rows ? (query, pages) : throw new BenchException($"The list has {seen} of {rows} images.");
            query = $"&cursor={cursor}";
        }
    }

    private static async Task<JsonElement> PageAsync(Server server, string query, CancellationToken cancellationToken) =>
        Requests.Parse(await server.Http.GetByteArrayAsync(Address(query), cancellationToken));

    private static Uri Address(string query) => new($"images?limit={PageSize}{query}", UriKind.Relative);

    private static async Task TagAsync(string file, CancellationToken cancellationToken)
    {
        await using var db = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        await db.OpenAsync(cancellationToken);
        await using var command = db.CreateCommand();
        command.CommandText = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
            INSERT INTO ImageTags (AccountId, Tag, ImageId, GenerationCreatedAt, GenerationNumber)
            SELECT g.OwnerId, 'rare', i.Id, g.CreatedAt, g.Number FROM Generations g JOIN Images i ON i.GenerationId = g.Id
            WHERE g.Number % {TagEvery} = 0
            """);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
