using GenApi.Tests.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page;

/// <summary>Keys and the service under Settings, and the session of the page itself.</summary>
public sealed class SettingsTests : PageTest
{
    [Fact]
    public async Task The_first_key_closes_the_service_and_the_page_goes_on_with_it()
    {
        await using var app = await GenApiApp.StartAsync();
        var visitor = await VisitAsync(app);
        // The event stream of everybody ends with the first key.
        visitor.Expect("401 GET");
        var page = await visitor.OpenAsync("app/settings");

        await page.Button("Make a key").ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("ann");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();

        var secret = await page.GetByLabel("Secret", new() { Exact = true }).InputValueAsync();
        await page.Button("I have copied it").ClickAsync();
        await Expect(page.GetByText("Signed in as").Locator("xpath=following-sibling::*")).ToHaveTextAsync("ann");
        Assert.Equal(401, (await app.GetAsync("/generations")).Status);
        Assert.Equal(200, (await app.GetAsync("/generations", Keys.Of(secret))).Status);
    }

    [Fact]
    public async Task Choices_are_readable_on_a_phone()
    {
        await using var app = await GenApiApp.StartAsync();
        var page = await (await VisitAsync(app, Screen.Phone)).OpenAsync("app/settings");
        await Expect(page.GetByLabel("Language")).ToBeVisibleAsync();

        var cut = await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('main select')].filter(it => {
              const chosen = it.cloneNode(false);
              chosen.append(it.selectedOptions[0].cloneNode(true));
              chosen.style.width = 'max-content';
              it.after(chosen);
              const width = chosen.offsetWidth;
              chosen.remove();
              return width > it.offsetWidth;
            }).map(it => it.selectedOptions[0].text)
            """);

        Assert.Empty(cut);
    }

    [Fact]
    public async Task An_administrator_makes_changes_rotates_and_revokes_a_key()
    {
        await using var app = await Keys.StartAsync();
        var visitor = await VisitAsync(app);
        await visitor.SignInAsync(Keys.Admin);
        var page = await visitor.OpenAsync("app/settings");
        visitor.Expect("400 POST");

        await page.Button("Make a key").ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("web shop");
        await page.GetByLabel("A day").First.FillAsync("-1");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
        await Expect(page.GetByText("Enter an amount from 0")).ToBeVisibleAsync();
        await page.GetByLabel("A day").First.FillAsync("5.00");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
        var secret = await page.GetByLabel("Secret", new() { Exact = true }).InputValueAsync();
        Assert.Equal("5", (await app.GetAsync("/accounts/me", Keys.Of(secret)))["budgets", "day", "limit_usd"].GetString());
        await page.Button("I have copied it").ClickAsync();

        await page.Button("Change web shop").ClickAsync();
        await page.GetByLabel("admin", new() { Exact = false }).First.CheckAsync();
        await page.Button("Save").ClickAsync();
        await Expect(page.GetByText("web shop was changed.")).ToBeVisibleAsync();
        Assert.Equal(200, (await app.GetAsync("/accounts/keys", Keys.Of(secret))).Status);

        await page.Button("New secret for web shop").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "New secret" }).ClickAsync();
        var next = await page.GetByLabel("Secret", new() { Exact = true }).InputValueAsync();
        Assert.Equal((401, 200), (
            (await app.GetAsync("/generations", Keys.Of(secret))).Status, (await app.GetAsync("/generations", Keys.Of(next))).Status));
        await page.Button("I have copied it").ClickAsync();

        await page.Button("Revoke web shop").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await Expect(page.GetByText("1 revoked key")).ToBeVisibleAsync();
        Assert.Equal(401, (await app.GetAsync("/generations", Keys.Of(next))).Status);
    }

    [Fact]
    public async Task A_change_goes_through_after_another_tab_has_replaced_the_token()
    {
        await using var app = await Keys.StartAsync();
        var visitor = await VisitAsync(app);
        await visitor.SignInAsync(Keys.Admin);
        var page = await visitor.OpenAsync("app/settings");
        visitor.Expect("403 POST");
        var cookie = Assert.Single(
            await visitor.Context.CookiesAsync(), each => each.Name.StartsWith("genapi-antiforgery", StringComparison.Ordinal));
        await visitor.Context.ClearCookiesAsync(new() { Name = cookie.Name });

        await page.Button("Make a key").ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("web shop");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The secret of web shop" })).ToBeVisibleAsync();
        Assert.Single((await app.GetAsync("/accounts/keys", Keys.AsAdmin))["data"].EnumerateArray());
    }
}
