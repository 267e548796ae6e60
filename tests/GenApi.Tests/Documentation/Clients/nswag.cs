using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Security.Cryptography;
using System.Threading.Tasks;
using Generated;

/// <summary>
/// What somebody would write against the client that NSwag makes from the API document. A test compiles it together with that client, and
/// runs it.
/// </summary>
public static class Program
{
    /// <returns>The secret of the key it has made.</returns>
    public static async Task<string> RunAsync(HttpClient http)
    {
        var client = new GenApiClient(http);

        // Make a picture, with something of the model's own, and fetch it.
        var request = new GenerateRequest
        {
            Prompt = "a red fox in snow",
            Model = "sdxl",
            Width = 64,
            Height = 64,
            Seed = 7,
            Cache = CacheMode.Auto,
            Input = new Dictionary<string, object> { ["scheduler"] = "K_EULER", ["num_inference_steps"] = 25 },
            Metadata = new Dictionary<string, string> { ["ticket"] = "A-17" },
        };
        var made = await client.GenerateAsync("wait=60", "key-1", null, null, request);
        Require(made.Status == GenerationStatus.Succeeded && made.Error == null && made.Metadata["ticket"] == "A-17", "a generation");
        var image = made.Images.Single();
        using (var file = await client.GetImageAsync(image.Id, null, null, null, null, null, null, null, null, null, null, null, null))
            Require(file.StatusCode == 200 && await HashAsync(file.Stream) == image.Sha256, "the bytes of the picture");
        using (var part = await client.GetImageAsync(
            image.Id, null, null, null, null, null, null, null, null, null, null, "bytes=0-7", null))
            Require(part.StatusCode == 206 && part.IsPartial, "a part of the picture");
        await client.HeadImageAsync(image.Id, null, null, null, null, null, null, null, null, null, null, null);
        Generation again = (await client.GetImageInfoAsync(image.Id)).Generation;
        Require(again.Id == made.Id, "one class for a single answer and a part of another");

        // A run that goes on after the answer, and its events.
        request = new GenerateRequest
        {
            Prompt = "a boat",
            Model = "sdxl",
            Width = 64,
            Height = 64,
            Cache = CacheMode.Refresh,
            Webhook = "http://127.0.0.1:1/",
            Webhook_events_filter = new[] { WebhookEvent.Start, WebhookEvent.Completed },
        };
        var later = await client.GenerateAsync("respond-async", null, "no-cache", null, request);
        using (var events = await client.WatchGenerationAsync(later.Id, null))
        using (var reader = new StreamReader(events.Stream))
            Require((await reader.ReadToEndAsync()).Contains("event: done"), "the events of a run");
        Require((await client.GetGenerationLogsAsync(later.Id)).Length > 0, "a log");
        Delivery delivery = (await client.ListDeliveriesAsync(later.Id, null, null)).Data.First();
        Require(delivery.Event == WebhookEvent.Completed && delivery.Status == DeliveryStatus.Pending, "what was sent");
        GenerationPage page = await client.ListGenerationsAsync(
            GenerationStatus.Succeeded, null, null, null, null, null, null, null, 10, null);
        Generation row = page.Data.First();
        Require(row.Id == later.Id && page.Data.Count == 2, "a list");

        // A picture of one's own as an input.
        var upload = await client.CreateUploadAsync(new FileParameter(await PictureAsync(client, image.Id), "fox.png", "image/png"));
        Require(upload.Width == 64 && (await client.GetUploadAsync(upload.Id)).Id == upload.Id, "an upload");

        // What there is, and what it cost.
        Model model = (await client.ListModelsAsync(null, null, null)).Data.First();
        ModelDetails details = await client.GetModelByAliasAsync("sdxl", null);
        model = details;
        Require(model.Alias == "sdxl" && details.Input_schema.Count > 0, "a model");
        var usage = await client.GetUsageAsync(null, null, UsageGrouping.Model, null, null, null);
        UsageSums sums = usage.Data.First();
        Require(usage.Group_by == UsageGrouping.Model && sums.Runs == 2, "the usage");
        Require((await client.GetReadinessAsync()).Status == HealthStatus.Pass, "the health");

        // Keys, whose rights are a list of words.
        var key = await client.CreateKeyAsync(new KeyRequest { Name = "shop", Rights = new[] { KeyRight.Generate, KeyRight.Read } });
        Require(key.Rights.SequenceEqual(new[] { KeyRight.Generate, KeyRight.Read }), "the rights of a key");
        Require((await client.GetMeAsync()).Rights.Contains(KeyRight.Admin), "its own rights");
        Require((await client.ListAuditAsync(null, null)).Data.First().Act == "key.create", "the audit log");

        // What goes wrong is a problem with a code.
        request = new GenerateRequest { Prompt = "a", Model = "nobody/nothing" };
        await RefusedAsync("unknown_model", () => client.GenerateAsync(null, null, null, null, request));
        await client.DeleteGenerationAsync(later.Id);
        await RefusedAsync("not_found", () => client.GetGenerationAsync(later.Id, null, null));
        return key.Secret;
    }

    private static async Task RefusedAsync(string code, Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (ApiException<Problem> refused) when (refused.Result.Code == code && refused.Result.Detail.Length > 0)
        {
            return;
        }
        throw new InvalidOperationException("No problem with the code " + code);
    }

    private static async Task<MemoryStream> PictureAsync(GenApiClient client, string id)
    {
        var copy = new MemoryStream();
        using (var file = await client.GetImageAsync(id, null, null, null, null, null, null, null, null, null, null, null, null))
            await file.Stream.CopyToAsync(copy);
        copy.Position = 0;
        return copy;
    }

    private static async Task<string> HashAsync(Stream stream)
    {
        using (var sha = SHA256.Create())
        using (var copy = new MemoryStream())
        {
            await stream.CopyToAsync(copy);
            return string.Concat(sha.ComputeHash(copy.ToArray()).Select(each => each.ToString("x2")));
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException("The client did not get " + what);
    }
}
