using GenApi.Tests.Accounts;

namespace GenApi.Tests.Page;

/// <summary>
/// A service with keys, pictures, a failed run, tags and spending, for tests that only look. Speed 0: everything has ended before a test
/// begins.
/// </summary>
public sealed class PageHouse : IAsyncLifetime
{
    private const int Size = 512;

    private static readonly string[] Prompts =
    [
        "a lighthouse above a quiet sea at dusk", "a red fox in the snow", "an observatory on a hill, stars above",
        "a harbour in the morning mist", "a glass greenhouse at night", "mountains behind a wheat field", "a comet over a desert road",
        "an old tram in the rain", "a paper boat on a puddle", "a forest path in October", "a moon with two rings", "a market on a canal",
    ];

    internal GenApiApp App { get; private set; } = null!;

    /// <summary>A key with the rights to generate and read, a budget and an end user.</summary>
    internal string Ann { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        App = await Keys.StartAsync(new()
        {
            ["Models:Prices:sandbox/partial:PerImage"] = "0.01",
            ["Models:Prices:sandbox/fails:PerImage"] = "0.01",
        });
        Ann = (await App.MakeBudgetedAsync(new { day = "2", month = "20" })).Secret;
        await App.MakeAsync("Bob");
        for (var at = 0; at < Prompts.Length; at++)
        {
            var model = (at % 3) switch { 0 => "sdxl", 1 => "sd", _ => "sandbox/partial" };
            var made = await App.GenerateAsync(
                new { prompt = Prompts[at], model, seed = at + 1, width = Size, height = at % 4 == 1 ? Size / 2 : Size }, Keys.Of(Ann));
            Assert.True(made.Status == 200, made.Text);
        }
        await App.GenerateAsync(new { prompt = "a castle of sand", model = "sandbox/fails" }, Keys.Of(Ann));
        // Blurs are computed after the answer.
        while ((await App.GetAsync("/images?limit=12", Keys.AsAdmin))["data"].EnumerateArray()
            .Any(row => row.GetProperty("thumbhash").ValueKind == System.Text.Json.JsonValueKind.Null))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await App.DisposeAsync();
}
