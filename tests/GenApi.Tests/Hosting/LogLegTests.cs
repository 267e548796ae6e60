using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;
using GenApi.Tests.Webhooks;

namespace GenApi.Tests.Hosting;

/// <summary>
/// From "my request failed" to the cause with the log alone: one search by the answer's trace id or the generation's id, for each stage at
/// which a request can fail.
/// </summary>
public sealed class LogLegTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    private static readonly (string, string) Traced = ("traceparent", $"00-{Trace}-b7ad6b7169203331-01");

    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Logging:LogLevel:GenApi"] = "Information",
        ["Generations:SettleSeconds"] = "0.5",
        ["Generations:SubmitPatienceSeconds"] = "1",
        ["Generations:DownloadPatienceSeconds"] = "1",
        ["Replicate:MaxOutputBytes"] = "2000000",
    };

    public static TheoryData<FaultKind, int?, string?, string, string> Runs => new()
    {
        // fault, its status, its text; the end of the generation's last line, and the cause in one of the lines
        { FaultKind.CreateRefused, 401, null, "failed upstream_unauthorized after ", "refuses the token (401)" },
        { FaultKind.CreateRefused, 402, null, "failed upstream_out_of_credit after ", "credit" },
        { FaultKind.CreateRefused, 422, null, "failed invalid_input after ", "error=" },
        { FaultKind.CreateError, 503, null, "failed upstream_unavailable after ", "The answer to the creation of gen_" },
        { FaultKind.CreateResetBefore, null, null, "failed upstream_unavailable after ", "The answer to the creation of gen_" },
        { FaultKind.RunFails, null, "CUDA out of memory on device 3", "failed upstream_failed after ", "CUDA out of memory on device 3" },
        { FaultKind.RunFails, null, "a red fox is too dear for device 3", "failed upstream_failed after ",
            "error=The model failed: … is too dear for device 3" },
        { FaultKind.RunRefused, null, null, "failed content_refused after ", "error=The model refused the content" },
        { FaultKind.RunAborts, null, null, "failed upstream_failed after ", "ended the run before it started" },
        { FaultKind.RunEmpty, null, null, "failed upstream_no_output after ", "without any output" },
        { FaultKind.FileVanished, null, null, "failed download_failed after ", "could not be stored" },
        { FaultKind.FileCut, null, null, "failed download_failed after ", "could not be stored" },
        { FaultKind.FileOversized, null, null, "failed unusable_output after ", "could not be stored" },
        { FaultKind.FileRedirect, null, null, "failed unusable_output after ", "could not be stored" },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_run_that_fails_tells_why_under_its_id_and_under_the_trace_of_its_request(FaultKind kind, int? status, string? text,
        string end, string cause)
    {
        await using var app = await GenApiApp.StartAsync(new(Settings) { ["Accounts:AdminKey"] = Keys.Admin });
        var (keyId, secret) = await app.MakeAsync("shop");
        app.Sandbox.Faults.Add(new Fault(kind) { Status = status, Text = text, Times = null });

        var made = await app.GenerateAsync(Requests.Small(1), Traced, Keys.Of(secret));

        var id = made["generation_id"].GetString()!;
        // Both lines come after the answer, in either order.
        await UntilAsync(() => Array.Exists(Found(app, id), line => line.Contains("POST /generate", StringComparison.Ordinal))
            && Array.Exists(Found(app, id), line => line.Contains($" {id} {end}", StringComparison.Ordinal)));
        foreach (var search in (string[])[Trace, id])
        {
            var lines = Found(app, search);
            Assert.Single(lines, line => line.Contains($" {id} {end}", StringComparison.Ordinal)
                && line.Contains(" s, sdxl, ", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.Contains(cause, StringComparison.Ordinal));
            Assert.Single(lines, line => line.Contains($"POST /generate {made.Status} {made.Code} in ", StringComparison.Ordinal));
            Assert.All(lines, line => Assert.Contains(keyId, line, StringComparison.Ordinal));
        }
        Assert.DoesNotContain(app.Lines(), line => line.Contains("a red fox", StringComparison.Ordinal));
    }

    public static TheoryData<string, string, string, string> Refusals => new()
    {
        // body, key, the request's line, and the rest of the line
        { """{"prompt":"a red fox","width":"wide","input":{"sides":3}}""", "shop", "POST /generate 400 invalid_request in ",
            "members=$.width" },
        { """{"prompt":"a red fox","steps":5000}""", "shop", "POST /generate 422 invalid_input in ", "members=$.steps" },
        { """{"prompt":""", "shop", "POST /generate 400 malformed_json in ", "" },
        { """{"prompt":"a red fox","model":"nobody/nothing"}""", "shop", "POST /generate 404 unknown_model in ", "" },
        { """{"prompt":"a red fox"}""", "nobody", "POST /generate 401 unauthenticated in ", "detail=The API key " },
        { """{"prompt":"a red fox"}""", "reader", "POST /generate 403 forbidden in ",
            "detail=The API key 'reader' does not have the right 'generate'." },
        { """{"prompt":"a red fox"}""", "poor", "POST /generate 402 budget_exhausted in ",
            "detail=The budget of this key in total is 0.000001 USD" },
        { """{"prompt":"a red fox","cache":"auto"}""", "slow", "POST /generate 429 rate_limited in ", "detail=" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_request_that_is_refused_has_the_code_of_the_problem_in_its_line(string body, string key, string line, string more)
    {
        await using var app = await GenApiApp.StartAsync(new(Settings) { ["Accounts:AdminKey"] = Keys.Admin });
        var made = key switch
        {
            "poor" => await app.PostAsync("/accounts/keys",
                new { name = key, rights = (string[])["generate"], budgets = new { total = "0.000001" } }, Keys.AsAdmin),
            "slow" => await app.PostAsync("/accounts/keys", new { name = key, rights = (string[])["generate"], requests_per_minute = 1 },
                Keys.AsAdmin),
            "reader" => await app.PostAsync("/accounts/keys", new { name = key, rights = (string[])["read"] }, Keys.AsAdmin),
            _ => await app.PostAsync("/accounts/keys", new { name = key, rights = (string[])["generate"] }, Keys.AsAdmin),
        };
        var secret = key == "nobody" ? "genapi_nobody" : made["secret"].GetString()!;
        if (key == "slow")
            await app.GenerateAsync(body, Keys.Of(secret));

        var answer = await app.GenerateAsync(body, Keys.Of(secret), Traced);

        Assert.Equal(Trace, answer["trace_id"].GetString());
        await UntilAsync(() => Found(app, Trace).Any(each => each.Contains("POST /generate", StringComparison.Ordinal)));
        var found = Assert.Single(Found(app, Trace), each => each.Contains("POST /generate", StringComparison.Ordinal));
        Assert.Contains(line, found, StringComparison.Ordinal);
        Assert.Contains(more, found, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Lines(), each => each.Contains("red fox", StringComparison.Ordinal));
    }

    [Fact]
    [OnlyOnDisk]
    public async Task A_disk_that_fails_is_named_by_the_generation_that_it_keeps_waiting()
    {
        await using var app = await GenApiApp.StartAsync(new(Settings) { ["Generations:DownloadPatienceSeconds"] = "60" });
        await app.GenerateAsync(Requests.Small(1));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await app.GenerateAsync(Requests.Small(2), Traced, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var blobs = Path.Combine(app.DataDirectory, "blobs");
        Directory.Move(blobs, blobs + ".away");

        held.Release();
        await UntilAsync(() => Found(app, made.Id).Any(line =>
            line.Contains($"Output 0 of {made.Id} could not be stored", StringComparison.Ordinal)));

        Directory.Move(blobs + ".away", blobs);
        await Requests.EndedAsync(app, made.Id);
        await UntilAsync(() => Array.Exists(Found(app, made.Id), line => line.Contains(" succeeded after ", StringComparison.Ordinal)));
        foreach (var search in (string[])[Trace, made.Id])
        {
            Assert.Contains(Found(app, search), line => line.Contains("could not be stored", StringComparison.Ordinal)
                && line.Contains(" cause=", StringComparison.Ordinal));
            Assert.Single(Found(app, search), line => line.Contains($" {made.Id} succeeded after ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_webhook_that_does_not_arrive_is_named_by_its_generation()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(503);
        await using var app = await GenApiApp.StartAsync(new(receiver.Settings) { ["Logging:LogLevel:GenApi"] = "Information" });

        var made = await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url });
        await UntilAsync(() => Found(app, made.Id).Any(line => line.Contains("did not arrive", StringComparison.Ordinal)));

        Assert.Contains(Found(app, made.Id), line =>
            line.Contains($"The webhook 'completed' of {made.Id} did not arrive at ", StringComparison.Ordinal)
                && line.Contains("(503)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_webhook_that_is_given_up_is_a_warning()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(410);
        await using var app = await GenApiApp.StartAsync(new(receiver.Settings) { ["Logging:LogLevel:GenApi"] = "Information" });

        var made = await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url });

        await UntilAsync(() => Found(app, made.Id).Any(line =>
            line.Contains($" WRN The webhook 'completed' of {made.Id} to ", StringComparison.Ordinal)
                && line.Contains(" is given up; ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Each_end_is_one_line_whatever_it_is()
    {
        await using var app = await GenApiApp.StartAsync(new(Settings) { ["Replicate:MaxInFlight"] = "1" });
        var done = await app.GenerateAsync(Requests.Small(1), Traced);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var waiting = await app.GenerateAsync(Requests.Small(3), ("Prefer", "respond-async"));
        await app.PostAsync($"/generations/{waiting.Id}/cancel");
        await app.PostAsync($"/generations/{running.Id}/cancel");
        held.Release();
        await Requests.EndedAsync(app, running.Id);
        await app.GenerateAsync(Requests.Small(1));
        await UntilAsync(() => Ends(app).Length == 3);

        Assert.Contains(Ends(app), line => line.Contains($" {done.Id} succeeded after ", StringComparison.Ordinal)
            && line.Contains(Trace, StringComparison.Ordinal));
        Assert.Contains(Ends(app), line => line.Contains($" {running.Id} canceled after ", StringComparison.Ordinal));
        Assert.Contains(Ends(app), line => line.Contains($" {waiting.Id} canceled after ", StringComparison.Ordinal)
            && line.Contains(", 0 USD", StringComparison.Ordinal));
    }

    private static string[] Ends(GenApiApp app) => [.. app.Lines().Where(line => line.Contains(" s, sdxl, ", StringComparison.Ordinal))];

    private static string[] Found(GenApiApp app, string search) =>
        [.. app.Lines().Select(line => line.Split('\n')[0]).Where(line => line.Contains(search, StringComparison.Ordinal))];

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var tries = 0; !isSo(); tries++)
        {
            Assert.True(tries < 500, "It did not come in ten seconds.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
