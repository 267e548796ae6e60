using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Webhooks;
using GenApi.Core.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

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

    private static async Task RefusedAsync(ReplicateWebhooks webhooks, WebhookHeaders headers) =>
        Assert.Equal(ErrorKind.Unauthenticated, (await ReplicateRig.FailsAsync(webhooks.ReadAsync(headers, Body, Ct))).Kind);

    private static WebhookHeaders Signed(ReplicateRig rig, WebhookSecret secret) =>
        WebhookSignature.Sign([secret], "msg_1", rig.Time.GetUtcNow(), Body);

    private static ReplicateWebhooks Webhooks(ReplicateRig rig) => rig.Services.GetRequiredService<ReplicateWebhooks>();

    private static string Key(WebhookSecret secret) => $$"""{"key":"{{secret.Reveal()}}"}""";
}
