using System.Collections.Concurrent;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Api;
using GenApi.Core.Replicate.Calls;
using GenApi.Sandbox;
using GenApi.Sandbox.Control;
using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace GenApi.Tests.Replicate;

/// <summary>Compares everything that client and sandbox send each other with Replicate's own document.</summary>
public sealed class SandboxContractTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_the_client_and_the_sandbox_say_to_each_other_is_in_the_document()
    {
        var contract = PublishedContract.Load();
        var exchanges = new ConcurrentQueue<Exchange>();
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions { Speed = 0 }, null, Cancel);
        await using var rig = new ReplicateRig(
            sandbox.BaseUrl,
            services => services.AddHttpClient(UniqueName.ForType<IReplicateApi>()).AddHttpMessageHandler(() => new Listener(exchanges)));
        var client = rig.Client;

        var model = await client.GetModelAsync("stability-ai", "sdxl", Cancel);
        var versions = await client.ListVersionsAsync("stability-ai", "sdxl", null, Cancel);
        await client.GetVersionAsync("stability-ai", "sdxl", versions.Versions[0].Id, Cancel);
        await client.GetModelAsync("black-forest-labs", "flux-schnell", Cancel);
        await client.GetAccountAsync(Cancel);
        await client.ListHardwareAsync(Cancel);
        var found = await client.SearchModelsAsync("flux", 2, Cancel);
        Assert.Equal(["flux-schnell", "flux-1.1-pro"], found.Select(each => each.Name));
        sandbox.Faults.Add(new Fault(FaultKind.SearchError) { Status = 404 });
        Assert.Equal(found.Select(each => each.Name), (await client.SearchModelsAsync("flux", 2, Cancel)).Select(each => each.Name));
        var small = ReplicateRig.Json("""{"prompt":"a fox","seed":7,"width":64,"height":64}""");
        FaultKind?[] kinds =
        [
            null, FaultKind.RunFails, FaultKind.RunRefused, FaultKind.RunEmpty, FaultKind.RunAborts, FaultKind.RunDataUri,
            FaultKind.RunNested,
        ];
        foreach (var kind in kinds)
        {
            sandbox.Faults.Clear();
            if (kind is { } fault)
                sandbox.Faults.Add(fault);
            var created = await client.CreateAsync(new(null, null, model.LatestVersion!.Id, small, TimeSpan.FromMinutes(1)), Cancel);
            Assert.True((await FinishAsync(client, created.Id)).IsTerminal);
        }

        sandbox.Faults.Clear();
        sandbox.Faults.Add(FaultKind.RunStuck);
        var stuck = await client.CreateAsync(
            new("black-forest-labs", "flux-schnell", null, ReplicateRig.Json("""{"prompt":"a fox"}""")), Cancel);
        await client.CancelAsync(stuck.Id, Cancel);
        Assert.Equal(PredictionStatus.Canceled, (await FinishAsync(client, stuck.Id)).Status);
        var page = await client.ListAsync(DateTimeOffset.UnixEpoch, null, null, Cancel);
        Assert.Equal(8, page.Predictions.Count);
        var file = await client.SendFileAsync(new MemoryStream([1, 2, 3]), "a.png", "image/png", Cancel);
        Assert.Equal(file, await client.GetFileAsync(file.Id, Cancel));
        await client.DeleteFileAsync(file.Id, Cancel);

        Assert.True(exchanges.Count > 20);
        foreach (var exchange in exchanges)
        {
            Assert.Empty(
                (await contract.CheckRequestAsync(exchange.Method, exchange.Uri, exchange.Headers, exchange.Body)).Select(exchange.Say));
            if (exchange.Status != 404)
            {
                var faults = await contract.CheckAnswerAsync(
                    exchange.Method, exchange.Uri, exchange.Status, exchange.AnswerType, exchange.Answer);
                Assert.Empty(faults.Select(exchange.Say));
            }
        }
    }

    private static async Task<Prediction> FinishAsync(ReplicateClient client, string id)
    {
        var prediction = await client.GetAsync(id, Cancel);
        for (var look = 0; look < 500 && !prediction.IsTerminal; look++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
            prediction = await client.GetAsync(id, Cancel);
        }

        return prediction;
    }

    private sealed record Exchange(
        string Method, Uri Uri, IReadOnlyDictionary<string, string> Headers, string Body, int Status, string AnswerType, string Answer)
    {
        public string Say(string fault) => $"{fault}: {Method} {Uri.PathAndQuery} {Status}\n{Body}\n{Answer}";
    }

    private sealed class Listener(ConcurrentQueue<Exchange> exchanges) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            var headers = request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>());
            exchanges.Enqueue(new Exchange(
                request.Method.Method,
                request.RequestUri!,
                headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
                request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken),
                (int)response.StatusCode,
                response.Content.Headers.ContentType?.ToString() ?? "",
                await response.Content.ReadAsStringAsync(cancellationToken)));
            return response;
        }
    }
}
