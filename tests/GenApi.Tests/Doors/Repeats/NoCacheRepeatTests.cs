using GenApi.Tests.Doors.OpenAi;
using GenApi.Tests.Doors.Replicate;

namespace GenApi.Tests.Doors.Repeats;

/// <summary>Tests that a request for a new run repeats only another request for a new run, at every door that follows the header.</summary>
public sealed class NoCacheRepeatTests
{
    private static readonly (string, string) NoCache = ("Cache-Control", "no-cache"), Repeated = ("X-Stainless-Retry-Count", "1");

    [Fact]
    public async Task A_prediction()
    {
        await using var app = await GenApiApp.StartAsync();

        var first = await app.PredictAsync(1, ReplicateCalls.Wait);
        var fresh = await app.PredictAsync(1, ReplicateCalls.Wait, NoCache, Repeated);
        var again = await app.PredictAsync(1, ReplicateCalls.Wait, NoCache, Repeated);

        Assert.NotEqual(first.Id, fresh.Id);
        Assert.Equal(fresh.Id, again.Id);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_call_of_the_Images_API()
    {
        await using var app = await GenApiApp.StartAsync();
        object two = new { model = "sdxl", prompt = "a fox", n = 2, size = "64x64" };

        var first = await app.ImagesAsync(two);
        var fresh = await app.ImagesAsync(two, NoCache, Repeated);
        var again = await app.ImagesAsync(two, NoCache, Repeated);

        Assert.Empty(first.Generations().Intersect(fresh.Generations()));
        Assert.Equal(fresh.Generations(), again.Generations());
        Assert.Equal(4, app.Sandbox.Stats.Creations);
    }
}
