using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Trouble;

/// <summary>Who may come in, and what they see of each other.</summary>
public sealed class PeopleTests : PageTest
{
    [Fact]
    public async Task A_wrong_key_is_refused_in_words_and_a_right_one_opens_the_view_that_was_asked_for()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("ann");
        var visitor = await VisitAsync(app);
        var page = await visitor.OpenAsync("app/gallery");
        visitor.Expect("401 POST");

        await EnterAsync(page, "genapi_" + new string('x', 46));
        await Expect(page.GetByRole(AriaRole.Alert).First).ToBeVisibleAsync();
        await EnterAsync(page, secret);

        await Expect(page.Locator("main h1")).ToHaveTextAsync("Gallery");
        Assert.EndsWith("/app/gallery", page.Url, StringComparison.Ordinal);
        // Scripts of the page can't read the cookie, other sites can't use it, and the key is kept nowhere.
        var cookie = Assert.Single(await visitor.Context.CookiesAsync(), IsSession);
        Assert.Equal((true, SameSiteAttribute.Strict), (cookie.HttpOnly, cookie.SameSite));
        Assert.DoesNotContain(secret, await visitor.Context.StorageStateAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_key_is_replaced_signs_in_again_and_finds_what_was_typed()
    {
        await using var app = await Keys.StartAsync();
        var (id, secret) = await app.MakeAsync("ann");
        var visitor = await VisitAsync(app);
        await visitor.SignInAsync(secret);
        var page = await visitor.OpenAsync();
        await page.Prompt().FillAsync("a red fox");
        visitor.Expect("401 ");

        var next = (await app.PostAsync($"/accounts/keys/{id}/rotate", null, Keys.AsAdmin))["secret"].GetString()!;
        // The stream of events may have noticed before the button is pressed.
        await page.EvaluateAsync(
            "() => [...document.querySelectorAll('main button')].find(it => it.innerText.trim() === 'Generate')?.click()");
        await Expect(page.Locator("main h1")).ToHaveTextAsync("Sign in");
        await EnterAsync(page, next);

        await Expect(page.Prompt()).ToHaveValueAsync("a red fox");
        await page.Generate().ClickAsync();
        await page.GetByAltText("a red fox", new() { Exact = true }).First.LoadedAsync();
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Two_people_see_their_own_pictures_and_nothing_of_each_other()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = ((await app.MakeAsync("ann")).Secret, (await app.MakeAsync("bob")).Secret);
        var hers = await app.GenerateAsync(Requests.Small(1, "ann's fox"), Keys.Of(ann));
        await app.GenerateAsync(Requests.Small(2, "bob's fox"), Keys.Of(bob));
        var (first, second) = (await VisitAsync(app), await VisitAsync(app));
        await first.SignInAsync(ann);
        await second.SignInAsync(bob);

        var gallery = await first.OpenAsync("app/gallery");
        var other = await second.OpenAsync("app/gallery");
        await Expect(gallery.GetByAltText("ann's fox")).ToHaveCountAsync(1);
        await Expect(other.GetByAltText("bob's fox")).ToHaveCountAsync(1);
        await app.GenerateAsync(Requests.Small(3, "ann's next fox"), Keys.Of(ann));
        var runs = await second.OpenAsync("app/runs");
        await Expect(runs.GetByRole(AriaRole.Main).GetByText("bob's fox")).ToHaveCountAsync(1);

        foreach (var page in (IPage[])[other, runs])
            Assert.DoesNotContain("ann's", await page.ContentAsync(), StringComparison.Ordinal);
        // Knowing the address does not help.
        second.Expect("404 GET");
        var guessed = await second.OpenAsync($"app/gallery?image={hers["images"][0].GetProperty("id").GetString()}");
        await guessed.SettledAsync();
        Assert.DoesNotContain("ann's", await guessed.ContentAsync(), StringComparison.Ordinal);
    }

    /// <summary>The next person at the same browser sees nothing of the last one.</summary>
    [Fact]
    public async Task After_signing_out_nothing_is_left_for_the_next_person()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = ((await app.MakeAsync("ann")).Secret, (await app.MakeAsync("bob")).Secret);
        await app.GenerateAsync(Requests.Small(1, "ann's fox"), Keys.Of(ann));
        var visitor = await VisitAsync(app);
        await visitor.SignInAsync(ann);
        var page = await visitor.OpenAsync("app/gallery");
        await Expect(page.GetByAltText("ann's fox")).ToHaveCountAsync(1);
        await page.Link("Settings").ClickAsync();

        await page.Button("Sign out").First.ClickAsync();
        await Expect(page.Locator("main h1")).ToHaveTextAsync("Sign in");
        Assert.DoesNotContain(await visitor.Context.CookiesAsync(), IsSession);
        await EnterAsync(page, bob);

        foreach (var name in (string[])["Gallery", "Runs", "Create"])
        {
            await page.Link(name).ClickAsync();
            await page.ReadyAsync();
            await page.SettledAsync();
            Assert.DoesNotContain("ann's", await page.ContentAsync(), StringComparison.Ordinal);
        }
    }

    /// <summary>The name of the cookie ends with the port.</summary>
    private static bool IsSession(BrowserContextCookiesResult cookie) =>
        cookie.Name.StartsWith("genapi-session", StringComparison.Ordinal);

    private static async Task EnterAsync(IPage page, string key)
    {
        await page.GetByLabel("API key").FillAsync(key);
        await page.Button("Sign in").ClickAsync();
    }
}
