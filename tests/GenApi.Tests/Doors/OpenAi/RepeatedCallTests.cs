namespace GenApi.Tests.Doors.OpenAi;

/// <summary>Tests calls that clients repeat by themselves: all images of the call are the same ones.</summary>
public sealed class RepeatedCallTests
{
    private static readonly object Two = new { model = "sdxl", prompt = "a fox", n = 2, size = "64x64" };

    [Fact]
    public async Task A_marked_repeat_gets_the_same_images()
    {
        await using var app = await GenApiApp.StartAsync();

        var first = await app.ImagesAsync(Two, ("X-Stainless-Retry-Count", "0"));
        var repeated = await app.ImagesAsync(Two, ("X-Stainless-Retry-Count", "1"));
        var another = await app.ImagesAsync(Two, ("X-Stainless-Retry-Count", "0"));

        Assert.Equal(first.Generations(), repeated.Generations());
        Assert.Contains("detail=repeat", repeated.Header("Cache-Status"), StringComparison.Ordinal);
        Assert.Empty(first.Generations().Intersect(another.Generations()));
        Assert.Equal(4, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task An_idempotency_key_holds_for_each_image()
    {
        await using var app = await GenApiApp.StartAsync();
        var key = ("Idempotency-Key", "order-1");

        var first = await app.ImagesAsync(Two, key);
        var repeated = await app.ImagesAsync(Two, key);
        var other = await app.PostAsync(ImagesDoor.Path, new { model = "sdxl", prompt = "a dog", n = 2, size = "64x64" }, key);

        Assert.Equal(first.Generations(), repeated.Generations());
        other.AssertError(400, "invalid_request_error", "idempotency_mismatch", null);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }
}
