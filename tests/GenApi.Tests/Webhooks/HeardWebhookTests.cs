using System.Text;
using System.Text.Json.Nodes;
using GenApi.Core.Webhooks;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Replicate;

namespace GenApi.Tests.Webhooks;

/// <summary>Upstream webhooks: signed, over a front that stands for the open internet.</summary>
public sealed class HeardWebhookTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_is_heard_and_nobody_looks()
    {
        // Long enough to be polled.
        var (front, app) = await PublicFront.StartAppAsync(settings => GenApiApp.StartAsync(settings, new SandboxOptions { Speed = 8 }));
        await using var both = front;

        var made = await Task.WhenAll(Enumerable.Range(1, 10).Select(seed => app.GenerateAsync(Requests.Small(seed))));

        foreach (var answer in made)
            await Requests.AssertWholeAsync(app, answer);
        Assert.Equal((10, 0, 0), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.Gets, app.Sandbox.Stats.Lists));
        Assert.All(front.Answers, each => Assert.Equal(200, each.Status));
    }

    [Fact]
    public async Task A_creation_carries_an_address_that_names_the_generation_and_asks_for_start_and_end()
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;

        var made = await app.GenerateAsync(Requests.Small(1));

        var sent = JsonNode.Parse(app.Sandbox.Stats.CreationRequests[0].Body)!;
        Assert.StartsWith(
            $"{front.Settings["Webhooks:PublicUrl"]}webhooks/replicate?generation={made.Id}&sig=", sent["webhook"]!.GetValue<string>(),
            StringComparison.Ordinal);
        Assert.Equal("""["start","completed"]""", sent["webhook_events_filter"]!.ToJsonString());
    }

    [Fact]
    public async Task Without_a_public_URL_nothing_changes()
    {
        await using var app = await GenApiApp.StartAsync();

        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));

        Assert.DoesNotContain("webhook", app.Sandbox.Stats.CreationRequests[0].Body, StringComparison.Ordinal);
        BadInputTests.AssertProblem(
            await app.PostAsync("/webhooks/replicate?generation=gen_01knf4sgd2e4y8c25mgcv9w4c1&sig=x", "{}"), 404, "not_found");
    }

    [Fact]
    public async Task Twice_and_out_of_order_change_nothing()
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        front.Keeps = true;
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        var (start, end) = (await front.NextAsync(1), await front.NextAsync(2));

        Assert.Equal(200, (await front.PassAsync(end)).Status);
        Assert.Equal(200, (await front.PassAsync(start)).Status);
        var ended = await Requests.EndedAsync(app, id);
        Assert.Equal(200, (await front.PassAsync(end)).Status);
        Assert.Equal(200, (await front.PassAsync(start)).Status);

        await Requests.AssertWholeAsync(app, ended);
        Assert.Equal(ended.Text, (await app.GetAsync($"/generations/{id}")).Text);
        Assert.Equal((1, 0), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.Gets));
    }

    [Fact]
    public async Task The_start_is_heard_and_the_run_goes_on()
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        await held.Reached.WaitAsync(Ended);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Webhooks == 1, Ended);

        Assert.Equal("processing", (await WatchedUntilAsync(app, id, "processing")));
        held.Release();

        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
    }

    [Theory]
    [InlineData(FaultKind.RunFails, "failed", "upstream_failed")]
    [InlineData(FaultKind.RunRefused, "failed", "content_refused")]
    [InlineData(FaultKind.RunEmpty, "failed", "upstream_no_output")]
    [InlineData(FaultKind.RunNested, "succeeded", null)]
    [InlineData(FaultKind.RunDataUri, "succeeded", null)]
    public async Task What_is_heard_is_read_as_what_is_seen(FaultKind fault, string status, string? code)
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        app.Sandbox.Faults.Add(fault);
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;

        var ended = await Requests.EndedAsync(app, id);

        Assert.Equal(status, ended.State);
        Assert.Equal(code, code is null ? null : ended["error", "code"].GetString());
        Assert.Equal(0, app.Sandbox.Stats.Gets);
    }

    [Theory]
    [InlineData("no address")]
    [InlineData("no signature of the address")]
    [InlineData("another generation's address")]
    [InlineData("no signature")]
    [InlineData("another body")]
    [InlineData("old")]
    [InlineData("early")]
    [InlineData("another secret")]
    public async Task What_is_not_proved_is_401_and_changes_nothing(string lack)
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        front.Keeps = true;
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        var other = (await app.GenerateAsync(Requests.Small(2), Async)).Id;
        held.Release();
        var end = await EndOfAsync(front, id);

        var answer = await front.PassAsync(lack switch
        {
            "no address" => end with { Target = "/webhooks/replicate" },
            "no signature of the address" => end with { Target = end.Target.Split("&sig=")[0] },
            "another generation's address" => end with { Target = end.Target.Replace(id, other, StringComparison.Ordinal) },
            "no signature" => end with { Headers = end.Headers.Where(header => header.Key != "webhook-signature").ToDictionary() },
            "another body" => end with { Body = end.Body.Replace("succeeded", "failed", StringComparison.Ordinal) },
            "old" => Signed(end, app, TimeSpan.FromSeconds(-302)),
            "early" => Signed(end, app, TimeSpan.FromSeconds(302)),
            _ => Signed(end, app, TimeSpan.Zero, WebhookSecret.New().Reveal()),
        });

        BadInputTests.AssertProblem(answer, 401, "unauthenticated");
        Assert.NotEqual("succeeded", (await app.GetAsync($"/generations/{id}")).State);
        Assert.Equal(200, (await front.PassAsync(Signed(end, app, TimeSpan.FromSeconds(-290)))).Status);
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
    }

    [Fact]
    public async Task Another_predictions_end_is_not_ours()
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        front.Keeps = true;
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        var end = await EndOfAsync(front, id);
        await WatchedUntilAsync(app, id, "starting");
        var foreign = JsonNode.Parse(end.Body)!;
        (foreign["id"], foreign["status"]) = ("aaaaaaaaaaaaaaaaaaaaaaaaaa", "failed");

        var answer = await front.PassAsync(Signed(end with { Body = foreign.ToJsonString() }, app, TimeSpan.Zero));
        await front.PassAsync(end);

        Assert.Equal(200, answer.Status);
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
    }

    [Fact]
    public async Task What_has_ended_or_is_gone_is_200_without_a_word()
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        var made = await app.GenerateAsync(Requests.Small(1));
        var end = await EndOfAsync(front, made.Id);
        await app.DeleteAsync($"/generations/{made.Id}");

        var answer = await front.PassAsync(end);

        Assert.Equal((200, ""), (answer.Status, answer.Text));
        Assert.Equal(404, (await app.GetAsync($"/generations/{made.Id}")).Status);
    }

    [Theory]
    [InlineData(1 << 20, 200)]
    [InlineData((1 << 20) + 1, 413)]
    public async Task A_body_has_at_most_1_MiB(int bytes, int status)
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        front.Keeps = true;
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        var end = await EndOfAsync(front, id);

        var answer = await front.PassAsync(
            Signed(end with { Body = end.Body + new string(' ', bytes - Encoding.UTF8.GetByteCount(end.Body)) }, app, TimeSpan.Zero));

        Assert.Equal(status, answer.Status);
        if (status == 413)
            Assert.Contains("at most 1 MiB.", answer["detail"].GetString(), StringComparison.Ordinal);
        await front.PassAsync(end);
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
    }

    [Fact]
    public async Task What_is_signed_and_no_prediction_is_malformed()
    {
        var (front, app) = await PublicFront.StartAppAsync();
        await using var both = front;
        await app.GenerateAsync(Requests.Small(1));
        var seen = await front.NextAsync(1);

        foreach (var body in new[] { "", "{", "[]", "{}", "null", """{"id":""}""" })
            BadInputTests.AssertProblem(
                await front.PassAsync(Signed(seen with { Body = body }, app, TimeSpan.Zero)), 400, "malformed_json");
    }

    [Fact]
    public async Task The_operators_secrets_hold_while_the_upstream_changes_from_one_to_the_other()
    {
        var upstream = new SandboxOptions { Speed = 0 };
        var (front, app) = await PublicFront.StartAppAsync(settings => GenApiApp.StartAsync(new(settings)
        {
            ["Webhooks:ReplicateSecrets:0"] = WebhookSecret.New().Reveal(),
            ["Webhooks:ReplicateSecrets:1"] = upstream.WebhookSecret,
        }, upstream));
        await using var both = front;

        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));

        Assert.Equal(0, app.Sandbox.Stats.Gets);
    }

    /// <summary>Signs with the sandbox's secret or another one, at a distance from now.</summary>
    private static SeenRequest Signed(SeenRequest request, GenApiApp app, TimeSpan after, string? secret = null)
    {
        Assert.True(WebhookSecret.TryParse(secret ?? new SandboxOptions().WebhookSecret, out var key));
        var headers = WebhookSignature.Sign(
            [key], request.Headers[WebhookHeaders.IdName], TimeProvider.System.GetUtcNow() + after, Encoding.UTF8.GetBytes(request.Body));
        return request with
        {
            Headers = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase)
            {
                [WebhookHeaders.TimestampName] = headers.Timestamp!,
                [WebhookHeaders.SignatureName] = headers.Signature!,
            },
        };
    }

    private static async Task<SeenRequest> EndOfAsync(PublicFront front, string id)
    {
        for (var number = 1; ; number++)
        {
            var seen = await front.NextAsync(number);
            if (seen.Target.Contains(id, StringComparison.Ordinal) && seen.Body.Contains("completed_at", StringComparison.Ordinal))
                return seen;
        }
    }

    private static async Task<string> WatchedUntilAsync(GenApiApp app, string id, string status)
    {
        while (true)
        {
            var seen = await app.GetAsync($"/generations/{id}");
            if (seen.State == status || seen.State is "succeeded" or "failed" or "canceled")
                return seen.State;
        }
    }
}
