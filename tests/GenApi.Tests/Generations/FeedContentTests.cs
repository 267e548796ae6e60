using GenApi.Core.Accounts.Keys;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Following;
using GenApi.Sandbox.Control;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Generations;

/// <summary>What GET /events sends no more than once, and what not at all.</summary>
public sealed class FeedContentTests
{
    private const string Pixel =
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_stream_begins_with_does_not_come_once_more()
    {
        await using var app = await GenApiApp.StartAsync();
        var feed = app.Services.GetRequiredService<GenerationFeed>();
        using var listener = await feed.ListenAsync(app.Services.GetRequiredService<ApiKeys>().Open, Stop);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Stop);
        // The changes until here were handed out before the beginning was read, which has them too.
        var beginning = await feed.BeginAsync(listener, null, Stop);
        held.Release();

        var revisions = beginning.OfType<FeedEvent.Changed>().Select(each => each.Details.Generation.Revision).ToList();
        Assert.Single(revisions);
        for (var ended = false; !ended;)
        {
            foreach (var row in (await listener.NextAsync(Stop))!.OfType<FeedEvent.Changed>().Select(each => each.Details.Generation))
            {
                revisions.Add(row.Revision);
                ended = row.Status.IsTerminal();
            }
        }
        Assert.Equal(revisions.Distinct().Order(), revisions);
    }

    /// <summary>A file in an input would be sent again with each change.</summary>
    [Fact]
    public async Task An_event_has_only_the_beginning_of_a_file_in_the_input()
    {
        await using var app = await GenApiApp.StartAsync();
        var (feed, _) = await FeedReading.BeginAsync(app);
        await using var __ = feed;

        var made = await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, image = Pixel });
        var end = (await feed.UntilEndOfAsync(made.Id))[^1];

        Assert.Contains("data:image/png;base64,…", end.Data.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(Pixel, end.Data.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(Pixel, (await app.GetAsync($"/generations/{made.Id}")).Text, StringComparison.Ordinal);
    }
}
