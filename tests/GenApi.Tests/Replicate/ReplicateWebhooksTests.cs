using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Webhooks;
using GenApi.Core.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Replicate;

/// <summary>The source of the secret that signs Replicate's webhooks.</summary>
public sealed class ReplicateWebhooksTests
{
    private static readonly byte[] Body = [.. """{"id":"rrr4z55ocneqzikepnug6xezpe","status":"starting"}"""u8];

    /// <summary>The upstream's clock, which its answers show, goes with the rig's.</summary>
    private static readonly (string, string)[] AtTheBeginning = [("Date", "Thu, 01 Jan 2026 00:00:00 GMT")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_secret_is_asked_once_for_many_and_never_logged()
    {
        var secret = WebhookSecret.New();
        await using var upstream = await ScriptedServer.StartAsync(200, Key(secret), headers: AtTheBeginning);
        await using var rig = new ReplicateRig(upstream.BaseUrl);
        var webhooks = Webhooks(rig);

        var read = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => webhooks.ReadAsync(Signed(rig, secret), Body, Ct)));

        Assert.All(
            read, prediction => Assert.Equal(
                ("rrr4z55ocneqzikepnug6xezpe", PredictionStatus.Starting), (prediction.Id, prediction.Status)));
        Assert.Equal("/v1/webhooks/default/secret", Assert.Single(upstream.Requests).Target);
        Assert.DoesNotContain(rig.Log.Lines, line => line.Contains(secret.Reveal(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_secret_is_found_when_signatures_stop_fitting_and_guessers_do_not_make_us_ask()
    {
        var (old, young) = (WebhookSecret.New(), WebhookSecret.New());
        var shown = old;
        TimeProvider? clock = null;
        await using var upstream = await ScriptedServer.StartAsync(context =>
        {
            context.Response.Headers.Date = clock!.GetUtcNow().ToString("R");
            return context.Response.WriteAsync(Key(shown), Ct);
        });
        await using var rig = new ReplicateRig(upstream.BaseUrl);
        clock = rig.Time;
        var webhooks = Webhooks(rig);
        await webhooks.ReadAsync(Signed(rig, old), Body, Ct);
        shown = young;

        await RefusedAsync(webhooks, Signed(rig, young));
        Assert.Single(upstream.Requests);
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        await webhooks.ReadAsync(Signed(rig, young), Body, Ct);
        await RefusedAsync(webhooks, Signed(rig, old));

        Assert.Equal(2, upstream.Requests.Count);
    }

    [Fact]
    public async Task What_is_too_old_is_not_worth_asking_for()
    {
        var secret = WebhookSecret.New();
        await using var upstream = await ScriptedServer.StartAsync(200, Key(secret), headers: AtTheBeginning);
        await using var rig = new ReplicateRig(upstream.BaseUrl);
        var webhooks = Webhooks(rig);
        var overheard = Signed(rig, secret);
        await webhooks.ReadAsync(overheard, Body, Ct);
        rig.Time.Advance(TimeSpan.FromMinutes(6));

        await RefusedAsync(webhooks, overheard);

        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task An_upstream_that_does_not_tell_is_no_proof_against_the_sender()
    {
        await using var upstream = await ScriptedServer.StartAsync(404, "{}");
        await using var rig = new ReplicateRig(upstream.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(Webhooks(rig).ReadAsync(Signed(rig, WebhookSecret.New()), Body, Ct));

        Assert.NotEqual(ErrorKind.Unauthenticated, fault.Kind);
    }

    [Theory]
    // The address under which callers reach us; empty: no webhooks. Secrets of the operator; how often the upstream is asked at a start.
    [InlineData("https://pictures.example", false, 1)]
    [InlineData("https://pictures.example", true, 0)]
    [InlineData("", false, 0)]
    [InlineData("", true, 0)]
    public async Task A_start_asks_for_the_secret_once_if_it_is_needed(string url, bool isConfigured, int asked)
    {
        var secret = WebhookSecret.New();
        await using var upstream = await ScriptedServer.StartAsync(200, Key(secret), headers: AtTheBeginning);
        await using var rig = new ReplicateRig(upstream.BaseUrl);
        var webhooks = Webhooks(rig, url, isConfigured ? [secret.Reveal()] : []);

        await webhooks.StartAsync(Ct);
        // There is nothing to repeat.
        await webhooks.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Ct);
        await webhooks.StopAsync(Ct);

        Assert.Equal(asked, upstream.Requests.Count);
        await webhooks.ReadAsync(Signed(rig, secret), Body, Ct);
        Assert.Equal(isConfigured ? 0 : 1, upstream.Requests.Count);
        await RefusedAsync(webhooks, Signed(rig, WebhookSecret.New()));
    }

    [Fact]
    public async Task Any_of_the_operators_secrets_holds_and_what_is_none_is_left_out()
    {
        await using var upstream = await ScriptedServer.StartAsync(404, "{}");
        await using var rig = new ReplicateRig(upstream.BaseUrl);
        var (old, young) = (WebhookSecret.New(), WebhookSecret.New());
        var webhooks = Webhooks(rig, "", [old.Reveal(), "no secret", young.Reveal()]);

        await webhooks.ReadAsync(Signed(rig, old), Body, Ct);
        await webhooks.ReadAsync(Signed(rig, young), Body, Ct);
        await RefusedAsync(webhooks, Signed(rig, WebhookSecret.New()));

        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{")]
    [InlineData("null")]
    public async Task What_is_signed_and_no_prediction_is_malformed(string body)
    {
        await using var upstream = await ScriptedServer.StartAsync(404, "{}");
        await using var rig = new ReplicateRig(upstream.BaseUrl);
        var secret = WebhookSecret.New();
        var bytes = System.Text.Encoding.UTF8.GetBytes(body);

        var fault = await ReplicateRig.FailsAsync(Webhooks(rig, "", [secret.Reveal()])
            .ReadAsync(WebhookSignature.Sign([secret], "msg_1", rig.Time.GetUtcNow(), bytes), bytes, Ct));

        Assert.Equal(ErrorKind.MalformedJson, fault.Kind);
    }

    private static async Task RefusedAsync(ReplicateWebhooks webhooks, WebhookHeaders headers) =>
        Assert.Equal(ErrorKind.Unauthenticated, (await ReplicateRig.FailsAsync(webhooks.ReadAsync(headers, Body, Ct))).Kind);

    private static WebhookHeaders Signed(ReplicateRig rig, WebhookSecret secret) =>
        WebhookSignature.Sign([secret], "msg_1", rig.Time.GetUtcNow(), Body);

    private static ReplicateWebhooks Webhooks(ReplicateRig rig) => rig.Services.GetRequiredService<ReplicateWebhooks>();

    private static ReplicateWebhooks Webhooks(ReplicateRig rig, string url, string[] secrets) =>
        ActivatorUtilities.CreateInstance<ReplicateWebhooks>(
            rig.Services, Options.Create(new WebhookOptions { PublicUrl = url, ReplicateSecrets = secrets }));

    private static string Key(WebhookSecret secret) => $$"""{"key":"{{secret.Reveal()}}"}""";
}
