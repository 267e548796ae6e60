using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace GenApi.Bench.Parts;

/// <summary>
/// Checks whether the time of a search reveals other keys' prompts: alternates words that only another key's prompts have with words that
/// no prompt has, with a few rows of the other key and with very many.
/// </summary>
internal static class SearchPart
{
    private const string AdminKey = "an-admin-key-for-measurements-0123456789";
    private const int Asked = 800;
    private const int WarmUp = 400;
    private const int Own = 20;
    private const int MatchesOfTheOther = 40_000;
    private const double Least = 0.95;
    private const double Most = 1.05;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var settings = new Dictionary<string, string> { ["Accounts__AdminKey"] = AdminKey };
        var (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "search", settings, cancellationToken);
        var (other, own) = (await KeysPart.MakeKeyAsync(server, cancellationToken), await KeysPart.MakeKeyAsync(server, cancellationToken));
        await GenerateAsync(server, other, 1, "an astronaut riding a horse across the rings of Saturn", cancellationToken);
        for (var seed = 2; seed < 2 + Own; seed++)
            await GenerateAsync(server, own, seed, "a lighthouse by the sea at dusk", cancellationToken);

        await CompareAsync(table, server, own, "1 match of another key", cancellationToken);
        await lab.StopAsync(server);
        await FullStore.FillAsync(Path.Combine(lab.Folder, "search", "genapi.db"), MatchesOfTheOther + Own, cancellationToken);
        (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "search", settings, cancellationToken);
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        await Console.Error.WriteLineAsync($"  search: index of {MatchesOfTheOther:N0} generations made "
            + $"in {(await FilledAsync(server, cancellationToken)).TotalSeconds:0.0} s");
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", other);
        if (Count(await server.Http.GetByteArrayAsync(Query("astronaut"), cancellationToken)) != 20)
            throw new BenchException("The other key does not find its own.");
        await CompareAsync(table, server, own, $"{MatchesOfTheOther:N0} matches of another key", cancellationToken);
        await CompareAsync(
            table, server, own, $"{MatchesOfTheOther:N0} matches, with a filter", cancellationToken, "&model=sdxl&status=succeeded");
    }

    /// <summary>Repeats the search until it is no longer refused.</summary>
    public static async Task<TimeSpan> FilledAsync(Server server, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            using var answer = await server.Http.GetAsync(Query("anything"), cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
                return Stopwatch.GetElapsedTime(since);
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                throw new BenchException($"A search answered {(int)answer.StatusCode}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task CompareAsync(
        Table table, Server server, string key, string row, CancellationToken cancellationToken, string filter = "")
    {
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (Count(await server.Http.GetByteArrayAsync(Query("lighthouse", filter), cancellationToken)) != Own)
            throw new BenchException("The key does not find its own.");
        List<double> known = [], unknown = [];
        for (var time = -WarmUp; time < Asked; time++)
        {
            // Both begin equally often, so that neither always follows the other.
            foreach (var isKnown in time % 2 == 0 ? (bool[])[true, false] : [false, true])
            {
                var since = Stopwatch.GetTimestamp();
                var page = await server.Http.GetByteArrayAsync(Query(isKnown ? "astronaut" : "submarine", filter), cancellationToken);
                var took = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
                if (Count(page) != 0)
                    throw new BenchException("The key finds what is not its own.");
                if (time >= 0)
                    (isKnown ? known : unknown).Add(took);
            }
        }
        var ratio = known.Median() / unknown.Median();
        table.Single(
            "search",
            row,
            $"{ratio:0.000}",
            new($"{Least} to {Most}", ratio is >= Least and <= Most),
            $"{known.Median():0.000} ms, nobody's words {unknown.Median():0.000} ms");
    }

    private static async Task GenerateAsync(Server server, string key, int seed, string prompt, CancellationToken cancellationToken)
    {
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await server.GenerateAsync(
            $$"""{"prompt":"{{prompt}}","model":"sdxl","width":64,"height":64,"seed":{{seed}}}""", cancellationToken);
    }

    private static int Count(byte[] page) => Requests.Parse(page).GetProperty("data").GetArrayLength();

    private static Uri Query(string words, string filter = "") => new($"generations?q={words}{filter}", UriKind.Relative);
}
