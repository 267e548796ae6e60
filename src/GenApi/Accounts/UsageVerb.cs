using System.Text.Json;
using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Settings;
using GenApi.Hosting.Verbs;
using Microsoft.Extensions.Primitives;

namespace GenApi.Accounts;

/// <summary>
/// <c>usage</c>: GET /usage at the command line, with the rights of an administrator. The options are the route's parameters; the same code
/// reads and refuses them.
/// </summary>
internal static class UsageVerb
{
    private const string Csv = "--csv", Json = "--json";

    /// <summary>The parameter of each option.</summary>
    private static readonly (string Option, string Parameter)[] Parameters =
    [
        ("--from", "from"), ("--to", "to"), ("--group-by", "group_by"), ("--key", "key"), ("--end-user", "end_user"),
        ("--upstream", "upstream"),
    ];

    public static Verb Verb { get; } = new("usage", "Shows usage and cost, as GET /usage does.", RunAsync)
    {
        Options =
        [
            new("--from", "day or time", "inclusive, UTC: 2026-01-31 or 2026-01-31T12:00:00Z; default the beginning of this month"),
            new("--to", "day or time", "a day is included, a time is not; default a month after the beginning"),
            new("--group-by", "group", "day, model, key, status or end_user; default day"),
            new("--key", "key", $"one account: key_… or one of {string.Join(", ", AccountNames.Words)}; default all"),
            new("--end-user", "user", "one end user, as requests name it; default all"),
            new("--upstream", "upstream", "replicate or sandbox; default as in the settings"),
            new(Csv, null, "CSV (RFC 4180) without the sum; default a table"),
            new(Json, null, "the route's JSON"),
        ],
        Store = VerbStore.Read,
    };

    private static async Task<int> RunAsync(VerbCall call)
    {
        if (call.Has(Csv) && call.Has(Json))
            return await call.RefuseAsync($"{Csv} and {Json} are two forms of the same report: give one of them.");
        var keys = call.Services.GetRequiredService<ApiKeys>();
        UsageQuery query;
        try
        {
            var parameters = Parameters.Where(each => call.Has(each.Option))
                .ToDictionary(each => each.Parameter, each => new StringValues(call.Options[each.Option]));
            query = new UsageQueryReader(new QueryCollection(parameters), call.Time.GetUtcNow())
                .Read(keys.Open, ConfiguredUpstream.Of(call.Services).Name);
        }
        catch (GenApiException refusal) when (refusal.Errors.Count > 0)
        {
            var sentences = refusal.Errors.SelectMany(error => error.Value.Select(sentence => $"{OptionOf(error.Key)}: {sentence}"));
            return await call.RefuseAsync(string.Join('\n', sentences));
        }
        await call.OpenForReadAsync();
        await keys.LoadAsync(call.Stopping);
        var report = await call.Services.GetRequiredService<UsageReports>().ReadAsync(query, call.Stopping);
        if (call.Has(Csv))
            await Console.Out.WriteAsync(UsageCsv.Text(report));
        else if (call.Has(Json))
            await Console.Out.WriteLineAsync(
                JsonSerializer.Serialize(UsageContract.Of(query, report), AccountsJsonContext.Answers.UsageContract));
        else
            await Console.Out.WriteAsync(Table(query, report));
        return 0;
    }

    private static string OptionOf(string parameter) => Array.Find(Parameters, each => each.Parameter == parameter).Option ?? parameter;

    private static string Table(UsageQuery query, UsageReport report)
    {
        var by = UsageQueryReader.Word(query.By);
        List<string[]> rows =
        [
            [by, "runs", "images", "hits", "joined", "saved USD", "seconds", "cost USD", "unpriced"],
            .. report.Rows.Select(row => Cells(Name(row), row.Sums)),
            Cells("total", report.Totals),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row =>
            string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))));
        return $"{query.Upstream}, {Quantities.Moment(query.From)} to {Quantities.Moment(query.To)}\n\n{string.Join('\n', lines)}\n";
    }

    /// <summary>Only requests that name no end user have an empty group.</summary>
    private static string Name(UsageRow row) =>
        string.Join(' ', new[] { row.Group.Length > 0 ? row.Group : "(none)", row.Name, row.Email }.OfType<string>());

    private static string[] Cells(string group, UsageSums sums) =>
    [
        Printable(group),
        Quantities.Count(sums.Runs), Quantities.Count(sums.Images), Quantities.Count(sums.Hits), Quantities.Count(sums.Joined),
        MicroDollars.ToText(sums.SavedMicros), Quantities.Count((long)Math.Round(sums.PredictMilliseconds / 1000m)),
        MicroDollars.ToText(sums.CostMicros), Quantities.Count(sums.Unpriced),
    ];

    /// <summary>Replaces control characters: people typed the names, and a terminal obeys some characters.</summary>
    private static string Printable(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
}
