using GenApi.Tests.Hosting;

namespace GenApi.Tests.Generations;

/// <summary>Tests that a list can leave out the files that inputs hold.</summary>
public sealed class ShortListTests
{
    private const string Pixel =
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

    [Fact]
    public async Task A_short_row_has_only_the_beginning_of_a_file_and_all_else_unchanged()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, image = Pixel });
        Assert.True(made.Status == 200, made.Text);

        var whole = await app.GetAsync("/generations");
        var cut = await app.GetAsync("/generations?short=true");

        Assert.Contains(Pixel, whole.Text, StringComparison.Ordinal);
        Assert.Equal(whole.Text.Replace(Pixel, "data:image/png;base64,…", StringComparison.Ordinal), cut.Text);
        Assert.Equal(whole.Text, (await app.GetAsync("/generations?short=false")).Text);
        Assert.Contains(Pixel, (await app.GetAsync($"/generations/{made.Id}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_neither_true_nor_false_is_refused_together_with_all_else_that_is_wrong()
    {
        await using var app = await GenApiApp.StartAsync();

        var refused = await app.GetAsync("/generations?short=yes&pinned=no");

        BadInputTests.AssertProblem(refused, 400, "invalid_request");
        Assert.Equal(["pinned", "short"], refused["errors"].EnumerateObject().Select(error => error.Name));
    }
}
