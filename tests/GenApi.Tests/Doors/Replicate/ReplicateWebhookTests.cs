using System.Text;
using GenApi.Core.Webhooks;
using GenApi.Tests.Accounts;
using GenApi.Tests.Webhooks;
using static GenApi.Tests.Doors.Replicate.ReplicateCalls;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>Webhooks of the Replicate door: Replicate's body, signed by us.</summary>
public sealed class ReplicateWebhookTests
{
    [Fact]
    public async Task The_body_is_the_prediction_and_the_secret_of_the_door_proves_it()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(receiver.Settings);
        var shop = Keys.Of((await app.MakeAsync("shop")).Secret);
        string[] filter = ["start", "completed"];
        var made = await app.PostAsync(
            Predictions, new { version = Sdxl, input = Fox(), webhook = receiver.Url, webhook_events_filter = filter }, shop);
        Assert.Equal(receiver.Url, made["webhook"].Text());
        Assert.Equal(filter, made["webhook_events_filter"].EnumerateArray().Select(each => each.Text()));

        var (start, end) = (await receiver.NextAsync(1), await receiver.NextAsync(2));

        Assert.Equal(("starting", "succeeded"), (start.Body.GetProperty("status").Text(), end.Body.GetProperty("status").Text()));
        Assert.Equal(made.Id, end.Body.GetProperty("id").Text());
        var read = await app.PredictionAsync(made.Id, shop);
        Assert.False(read.Json.TryGetProperty("webhook", out _));
        // The same members as when it is read. Only the signature in the stream's address can differ.
        Assert.Equal(read.Json.EnumerateObject().Select(each => each.Name), end.Body.EnumerateObject().Select(each => each.Name));
        Assert.Equal(read["output"].GetRawText(), end.Body.GetProperty("output").GetRawText());
        Assert.Equal(made.Url("get"), end.Body.GetProperty("urls").GetProperty("get").Text());

        var answer = await app.GetAsync($"{Root}/webhooks/default/secret", shop);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.True(WebhookSecret.TryParse(answer["key"].Text(), out var secret));
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(end.Headers.Timestamp!, System.Globalization.CultureInfo.InvariantCulture));
        var signed = WebhookSignature.Sign([secret], end.Id, at, Encoding.UTF8.GetBytes(end.Request.Body));
        Assert.Contains(signed.Signature!, end.Headers.Signature!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_run_tells_each_caller_in_the_form_of_the_address_that_it_used()
    {
        await using var ours = await Receiver.StartAsync();
        await using var theirs = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(new(ours.Settings)
        {
            ["Webhooks:AllowedPrivateHosts:1"] = theirs.Settings["Webhooks:AllowedPrivateHosts:0"],
        });
        await app.GenerateAsync(
            new { prompt = "a red fox in snow", model = "sdxl", width = 64, height = 64, seed = 1, webhook = ours.Url });
        var made = await app.PostAsync(Predictions, new { version = Sdxl, input = Fox(), webhook = theirs.Url });

        Assert.Equal("generation.completed", (await ours.NextAsync(1)).Type);
        var message = await theirs.NextAsync(1);
        Assert.Equal(made.Id, message.Body.GetProperty("id").Text());
        Assert.StartsWith($"{app.Address}images/", message.Body.GetProperty("output")[0].Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_output_event_alone_comes_with_the_complete_output()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        await app.PostAsync(
            Predictions, new { version = Sdxl, input = Fox(), webhook = receiver.Url, webhook_events_filter = new[] { "output" } });

        Assert.Equal("succeeded", (await receiver.NextAsync(1)).Body.GetProperty("status").Text());
    }

    [Fact]
    public async Task A_message_holds_only_the_beginning_of_a_file_in_the_input()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        var image = "data:image/png;base64,"
            + (await app.GetAsync(app.PathOf((await app.PredictAsync(1, Wait))["output"][0].Text()))).Body.AsBase64();
        var input = new { prompt = "at night", image, seed = 5 };
        await app.PostAsync(Predictions, new { version = Sdxl, input, webhook = receiver.Url });

        var message = await receiver.NextAsync(1);
        Assert.Equal("data:image/png;base64,…", message.Body.GetProperty("input").GetProperty("image").Text());
    }
}

file static class Bytes
{
    public static string AsBase64(this byte[] bytes) => Convert.ToBase64String(bytes);
}
