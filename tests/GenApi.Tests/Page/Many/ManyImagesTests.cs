using GenApi.Tests.Generations;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Many;

/// <summary>A gallery of 100,000 images: rows copied in the store, all with the bytes of one picture.</summary>
public sealed class ManyImagesTests(ManyImagesTests.Store store) : PageTest, IClassFixture<ManyImagesTests.Store>
{
    private const int Rows = 100_000, MostTiles = 400, MostPage = 60_000;

    /// <summary>Scrolls down, a screen at a time, until so many pictures were shown; returns the most tiles there ever were.</summary>
    private const string Scroll =
        """
        async goal => {
          const shown = new Set();
          let most = 0;
          for (let screens = 0; shown.size < goal && screens < 600; screens++) {
            const tiles = [...document.querySelectorAll('main [role="gridcell"]')];
            most = Math.max(most, tiles.length);
            tiles.forEach(it => shown.add(it.dataset.id));
            scrollBy(0, innerHeight * 0.9);
            await new Promise(done => setTimeout(done, 30));
          }
          return [most, shown.size];
        }
        """;

    [Fact]
    public async Task The_gallery_stays_small_however_far_one_scrolls_and_loads_small_pictures_only()
    {
        var visitor = await VisitAsync(store.App);
        var (large, pages) = (new List<string>(), new List<Task<byte[]>>());
        visitor.Context.Response += (_, response) =>
        {
            var address = new Uri(response.Url);
            var isPicture = address.AbsolutePath.StartsWith("/images/img_", StringComparison.Ordinal);
            if (isPicture && !address.Query.Contains("width=", StringComparison.Ordinal))
                large.Add(response.Url);
            if (address.AbsolutePath == "/images")
                pages.Add(response.BodyAsync());
        };
        var page = await visitor.OpenAsync("app/gallery");
        await page.Locator("main img").First.WaitForAsync();

        var result = await page.EvaluateAsync<int[]>(Scroll, 1000);

        Assert.True(result[1] >= 1000, $"Only {result[1]} pictures were shown.");
        Assert.InRange(result[0], 10, MostTiles);
        Assert.Empty(large);
        Assert.All(await Task.WhenAll(pages), body => Assert.InRange(body.Length, 1, MostPage));
    }

    [Fact]
    public async Task A_new_picture_is_announced_and_moves_nothing()
    {
        var visitor = await VisitAsync(store.App);
        var page = await visitor.OpenAsync("app/gallery");
        await page.Locator("main img").First.WaitForAsync();
        await page.EvaluateAsync<int[]>(Scroll, 300);
        await page.SettledAsync();
        var before = await PlaceAsync(page);

        await store.App.GenerateAsync(Requests.Small(7, "the newest of all"));
        await Expect(page.GetByText("1 new").First).ToBeVisibleAsync();

        Assert.Equal(before, await PlaceAsync(page));
        await page.GetByText("1 new").First.ClickAsync();
        await Expect(page.GetByAltText("the newest of all", new() { Exact = true })).ToBeVisibleAsync();
    }

    /// <summary>The oldest of all is found by a word of its prompt, and the address of the search can be shared.</summary>
    [Fact]
    public async Task The_oldest_picture_is_found_by_its_prompt_and_the_search_stands_in_the_address()
    {
        var visitor = await VisitAsync(store.App);
        var page = await visitor.OpenAsync("app/gallery");

        await page.GetByRole(AriaRole.Searchbox).First.FillAsync("needle");
        await Expect(page.GetByAltText("a needle in a haystack", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(@"\?q=needle"));

        var other = await visitor.OpenAsync("app/gallery?q=needle");
        await Expect(other.GetByAltText("a needle in a haystack", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(other.Locator("main img")).ToHaveCountAsync(1);
    }

    /// <summary>The picture in the middle of the screen and its place.</summary>
    private static Task<string> PlaceAsync(IPage page) => page.EvaluateAsync<string>(
        """
        () => {
          const tiles = [...document.querySelectorAll('main [role="gridcell"]')];
          const it = tiles.find(each => each.getBoundingClientRect().top > innerHeight / 3);
          return `${it.dataset.id} ${Math.round(it.getBoundingClientRect().top)} ${Math.round(scrollY)}`;
        }
        """);

    public sealed class Store : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            App = await GenApiApp.StartAsync();
            await App.GenerateAsync(Requests.Small(1, "hay"));
            await App.GenerateAsync(Requests.Small(2, "a needle in a haystack"));
            // The copies have the blur of the original.
            while ((await App.GetAsync("/images"))["data"].EnumerateArray()
                .Any(row => row.GetProperty("thumbhash").ValueKind == System.Text.Json.JsonValueKind.Null))
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
            await App.StopAsync();
            await ManyRows.CopyAsync(App, Rows);
            await App.StartAgainAsync();
        }

        public async ValueTask DisposeAsync() => await App.DisposeAsync();
    }
}
