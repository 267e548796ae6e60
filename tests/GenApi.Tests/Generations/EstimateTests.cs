using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using GenApi.Tests.Uploads;

namespace GenApi.Tests.Generations;

/// <summary>Tests what POST /generate/estimate says of a request, and that it leaves nothing behind.</summary>
public sealed class EstimateTests
{
    private const string Path = "/generate/estimate";
    private const string Ideogram = "ideogram-ai/ideogram-v2";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>Bodies that POST /generate refuses, each with what the answer must name.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { """{ "promt": "a fox" }""", "invalid_request" },
        { """{ "prompt": 3, "seed": -1, "width": "wide" }""", "invalid_request" },
        { "{ \"prompt\": ", "malformed_json" },
        { """{ "seed": 1 }""", "invalid_request" },
        { """{ "prompt": "a fox", "model": "no-such-alias" }""", "unknown_model" },
        { """{ "prompt": "a fox", "model": "sandbox/no-such-model" }""", "unknown_model" },
        { """{ "prompt": "a fox", "width": 65, "input": { "num_inference_steps": 9999 } }""", "invalid_input" },
        { """{ "prompt": "a fox", "image": "upl_00000000000000000000000001" }""", "invalid_input" },
        { """{ "prompt": "a fox", "image": "data:image/png;base64,AAAA" }""", "invalid_input" },
        { """{ "prompt": "a fox", "image": "data:image/png;base64,LONG" }""", "invalid_input" },
        { """{ "prompt": "a fox", "webhook": "http://localhost/", "webhook_events_filter": ["end"] }""", "invalid_request" },
        { """{ "prompt": "a fox", "model": "ideogram-ai/ideogram-v2", "image": "data:image/png;base64,PICTURE", "mask": """
            + "\"data:image/png;base64,AAAA\" }", "invalid_input" },
    };

    [Fact]
    public async Task It_says_what_would_run_and_what_it_costs_and_when_a_stored_answer_serves()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Models:Prices:stability-ai/sdxl:PerImage"] = "0.01" });
        var body = new
        {
            prompt = "a red fox",
            model = "sdxl",
            seed = 7,
            width = 64,
            height = 64,
            num_outputs = 2,
            metadata = new { a = "b" },
        };

        var estimate = await app.PostAsync(Path, body);

        Assert.True(estimate.Status == 200, estimate.Text);
        Assert.Equal("no-store", estimate.Header("Cache-Control"));
        Assert.Equal("stability-ai/sdxl", estimate["model"].GetString());
        Assert.Equal(64, estimate["version"].GetString()!.Length);
        Assert.Equal("""{"prompt":"a red fox","width":64,"height":64,"num_outputs":2,"seed":7}""", Sorted(estimate["input"]));
        Assert.Equal("no", estimate["cached"].GetString());
        Assert.Equal("""{"expected_usd":"0.02","worst_usd":"0.02"}""", estimate["cost"].GetRawText());
        Assert.Equal(("unknown", "null"), (estimate["state"].GetString(), estimate["boot_seconds"].GetRawText()));
        Assert.Equal("[]", estimate["budgets"].GetRawText());
        Assert.True(estimate["fits"].GetBoolean());

        var made = await app.GenerateAsync(body);
        await Requests.AssertWholeAsync(app, made);
        var again = await app.PostAsync(Path, body);
        Assert.Equal("hit", again["cached"].GetString());
        Assert.Equal("""{"expected_usd":"0","worst_usd":"0"}""", again["cost"].GetRawText());
        Assert.Equal("warm", again["state"].GetString());
        // From the store as from memory.
        await app.RestartAsync();
        Assert.Equal("hit", await CachedAsync(app, body));
        Assert.Equal("no", await CachedAsync(app, body with { metadata = new { a = "c" }, seed = 8 }));
        Assert.Equal("no", await CachedAsync(app, Requests.Unseeded()));
        Assert.Equal(
            "hit", await CachedAsync(app, new { body.prompt, body.model, body.width, body.height, body.num_outputs, cache = "reuse" }));
        Assert.Equal("no", (await app.PostAsync(Path, body, ("Cache-Control", "no-cache")))["cached"].GetString());
        Assert.Equal(504, (await app.PostAsync(Path, Requests.Small(9), ("Cache-Control", "only-if-cached"))).Status);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_run_under_way_is_joined_and_an_idempotency_key_is_recognised_and_not_used_up()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var key = ("Idempotency-Key", "order-17");
        Assert.Equal("no", (await app.PostAsync(Path, Requests.Small(1), key))["cached"].GetString());
        var made = await app.GenerateAsync(Requests.Small(1), key, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);

        var join = await app.PostAsync(Path, Requests.Small(1));

        Assert.Equal("join", join["cached"].GetString());
        Assert.Equal("0", join["cost", "worst_usd"].GetString());
        Assert.Equal("no", await CachedAsync(app, Requests.Small(2)));
        Assert.Equal("join", (await app.PostAsync(Path, Requests.Small(1), key))["cached"].GetString());
        var other = await app.PostAsync(Path, Requests.Small(2), key);
        Assert.Equal((422, "idempotency_mismatch", made.Id), (other.Status, other.Code, other["generation_id"].GetString()));
        held.Release();
        await Requests.EndedAsync(app, made.Id);
        Assert.Equal("hit", await CachedAsync(app, Requests.Small(1)));
    }

    [Fact]
    public async Task It_is_refused_with_the_problem_of_the_request_itself()
    {
        await using var app = await GenApiApp.StartAsync();
        var junk = Convert.ToBase64String(new byte[300_000]);
        var picture = Convert.ToBase64String(InputPictures.Plain(64, 64));
        foreach (var row in Refused)
        {
            var (text, code) = row.Data;
            var body = text.Replace("LONG", junk, StringComparison.Ordinal).Replace("PICTURE", picture, StringComparison.Ordinal);

            var estimate = await app.PostAsync(Path, body);
            var request = await app.PostAsync("/generate", body);

            Assert.Equal((request.Status, code), (estimate.Status, estimate.Code));
            Assert.Equal(Compared(request), Compared(estimate));
        }
        Assert.Equal(0, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task It_leaves_nothing_behind()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = (await app.UploadAsync(InputPictures.Plain(64, 64))).Id;
        var mask = (await app.UploadAsync(InputPictures.LeftWhite(64, 64))).Id;
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
        // Makes the model known, whose look-up is the one thing that is stored.
        await app.GetAsync($"/models/{Ideogram}");
        await app.StopAsync();
        var (rows, blobs) = (await DumpAsync(app), await app.BlobsAsync());
        await app.StartAgainAsync();
        var before = app.Sandbox.Stats.Creations;

        object[] bodies =
        [
            Requests.Small(1), Requests.Small(2), Requests.Unseeded(),
            new { prompt = "a fox", user = "ann", webhook = "https://example.com/hook" },
            new { prompt = "a fox", image = upload, strength = 0.5 },
            new { prompt = "a fox", image = InputPictures.DataUri(InputPictures.Plain(800, 800)) },
            Masked(upload, mask, 1),
            Masked(upload, InputPictures.DataUri(InputPictures.LeftWhite(64, 32)), 1),
        ];
        foreach (var body in bodies)
        {
            var estimate = await app.PostAsync(Path, body, ("Idempotency-Key", "once"));
            Assert.True(estimate.Status == 200, estimate.Text);
        }

        await app.StopAsync();
        Assert.Equal(before, app.Sandbox.Stats.Creations);
        Assert.Equal(rows, await DumpAsync(app));
        Assert.Equal(blobs, await app.BlobsAsync());
        Assert.Empty(app.Leftovers());
    }

    [Fact]
    public async Task Files_count_by_their_bytes_and_a_mask_by_its_inverse_where_the_model_repaints_black()
    {
        await using var app = await GenApiApp.StartAsync();
        var image = (await app.UploadAsync(InputPictures.Plain(64, 64))).Id;
        var mask = (await app.UploadAsync(InputPictures.LeftWhite(64, 64))).Id;
        Assert.Equal("no", await CachedAsync(app, Masked(image, mask, 1)));
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Masked(image, mask, 1)));

        var estimate = await app.PostAsync(Path, Masked(image, mask, 1));

        Assert.Equal("hit", estimate["cached"].GetString());
        // What the caller gave stands in the input: the inverse is made for a run only.
        Assert.Equal(mask, estimate["input", "mask"].GetString());
        var data = InputPictures.DataUri(InputPictures.Plain(64, 64));
        var inline = await app.PostAsync(Path, Masked(data, InputPictures.DataUri(InputPictures.LeftWhite(64, 64)), 1));
        Assert.Equal("hit", inline["cached"].GetString());
        Assert.Equal(2, inline["input"].EnumerateObject().Count(member => member.Value.ToString() == "data:image/png;base64,…"));
    }

    // A bucket is not asked before each hit.
    [Fact]
    [OnlyOnDisk]
    public async Task An_answer_that_lost_its_image_serves_no_more_and_an_older_one_does()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Logging:LogLevel:Default"] = "None" });
        var reuse = new { prompt = "a red fox", width = 64, height = 64, cache = "reuse" };
        var first = await app.GenerateAsync(Requests.Unseeded());
        var second = await app.GenerateAsync(Requests.Unseeded());
        await app.RestartAsync();
        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(second));

        Assert.Equal("hit", await CachedAsync(app, reuse));
        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(first));
        Assert.Equal("no", await CachedAsync(app, reuse));

        // Nothing was withdrawn: the request itself finds the loss.
        var made = await app.GenerateAsync(reuse);
        Assert.Equal("GenApi; fwd=stale; stored; detail=bytes-lost", made.Header("Cache-Status"));
    }

    private static async Task<string?> CachedAsync(GenApiApp app, object body)
    {
        var estimate = await app.PostAsync(Path, body);
        Assert.True(estimate.Status == 200, estimate.Text);
        return estimate["cached"].GetString();
    }

    private static Dictionary<string, object> Masked(string image, string mask, int seed) => new()
    {
        ["prompt"] = "a fox",
        ["model"] = Ideogram,
        ["seed"] = seed,
        ["image"] = image,
        ["mask"] = mask,
        ["input"] = new { resolution = "640x1024" },
    };

    private static string Sorted(JsonElement input) =>
        $"{{{string.Join(',', new[] { "prompt", "width", "height", "num_outputs", "seed" }
            .Select(name => $"\"{name}\":{input.GetProperty(name).GetRawText()}"))}}}";

    /// <summary>A problem without what differs between two requests.</summary>
    private static string Compared(Answer problem) => JsonSerializer.Serialize(
        problem.Json.EnumerateObject().Where(member => member.Name is not ("trace_id" or "instance" or "request_id"))
            .ToDictionary(member => member.Name, member => member.Value));

    /// <summary>Every row of every table, as text.</summary>
    private static async Task<string> DumpAsync(GenApiApp app)
    {
        var text = new System.Text.StringBuilder();
        // The rates that instances share, and the marks of their writers, go on with time.
        foreach (var table in (await app.Store.TablesAsync()).Where(table => table is not ("SharedRates" or "WriterMarks")))
        {
            text.AppendLine(table);
            foreach (var row in (await app.Store.QueryAsync($"SELECT * FROM \"{table}\"")).Order(StringComparer.Ordinal))
                text.AppendLine(row);
        }
        return text.ToString();
    }
}
