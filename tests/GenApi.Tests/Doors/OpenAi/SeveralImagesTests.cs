using GenApi.Doors;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Doors.OpenAi;

/// <summary>Tests requests for several images: each is a generation, and what succeeds is answered.</summary>
public sealed class SeveralImagesTests
{
    [Fact]
    public async Task Twelve_images_are_twelve_generations()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.ImagesAsync(new { model = "sdxl", prompt = "a fox", n = 12, size = "64x64" });

        Assert.Equal(12, made.Data().Count);
        Assert.Equal(12, made.Generations().Distinct().Count());
        Assert.Equal(12, app.Sandbox.Stats.Creations);
        Assert.Equal(12, made.Data().Select(item => item.Value.GetString()).Distinct().Count());
    }

    [Fact]
    public async Task A_seed_counts_up_from_image_to_image()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.ImagesAsync(new { model = "sdxl", prompt = "a fox", n = 3, size = "64x64", seed = 40 });
        var again = await app.ImagesAsync(new { model = "sdxl", prompt = "a fox", n = 3, size = "64x64", seed = 40 });

        for (var at = 0; at < 3; at++)
            Assert.Equal(40 + at, (await app.InputAsync(made, at)).GetProperty("seed").GetInt64());
        Assert.Equal(made.Generations(), again.Generations());
        Assert.Equal(3, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Several_images_differ_even_if_stored_answers_are_reused()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:DefaultCache"] = "Reuse" });

        var made = await app.ImagesAsync(new { model = "sdxl", prompt = "a fox", n = 3, size = "64x64" });

        Assert.Equal(3, made.Generations().Distinct().Count());
    }

    [Fact]
    public async Task A_model_that_makes_several_images_by_default_makes_one_for_each()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.ImagesAsync(new { model = "sandbox/partial", prompt = "a fox", size = "64x64" });

        Assert.Single(made.Data());
        Assert.Equal(1, (await app.InputAsync(made)).GetProperty("num_outputs").GetInt32());
    }

    [Fact]
    public async Task Further_requests_are_submitted_a_few_at_a_time_and_keep_their_order()
    {
        var numbers = Enumerable.Range(0, 31).ToList();
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int open = 0, most = 0;

        var results = await DoorRuns.EachAsync(numbers, async number =>
        {
            var now = Interlocked.Increment(ref open);
            lock (numbers)
                most = Math.Max(most, now);
            if (now == DoorRuns.MostAtOnce)
                full.TrySetResult();
            await full.Task.WaitAsync(TestContext.Current.CancellationToken);
            Interlocked.Decrement(ref open);
            return number;
        });

        Assert.Equal(numbers, results);
        Assert.Equal(DoorRuns.MostAtOnce, most);
    }

    [Fact]
    public async Task What_succeeds_is_answered_and_the_rest_is_told()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Count = 1 });

        var made = await app.ImagesAsync(new { model = "sdxl", prompt = "a fox", n = 3, size = "64x64" });

        Assert.Equal(2, made.Data().Count);
        var failure = Assert.Single(made["failures"].EnumerateArray());
        Assert.Equal("upstream_failed", failure.GetProperty("code").GetString());
        Assert.Contains(failure.GetProperty("generation_id").GetString(), made.Generations());
    }

    [Fact]
    public async Task A_budget_that_ends_in_between_leaves_the_images_before_it()
    {
        await using var app = await Keys.StartAsync(new() { ["Models:Prices:black-forest-labs/flux-schnell:PerImage"] = "0.01" });
        var (_, secret) = await app.MakeBudgetedAsync(new { total = "0.025" });

        var made = await app.ImagesAsync(new { model = "flux-schnell", prompt = "a fox", size = "256x256", n = 4 }, Keys.Of(secret));

        Assert.Equal(2, made.Data().Count);
        Assert.All(made["failures"].EnumerateArray(), each => Assert.Equal("budget_exhausted", each.GetProperty("code").GetString()));
    }
}
