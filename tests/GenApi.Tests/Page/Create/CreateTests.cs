using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Create;

/// <summary>The view create: what it sends, how often, and what it can take back into its form.</summary>
public sealed class CreateTests : PageTest
{
    /// <summary>The service gets the request, and the page never gets its answer, as when a connection breaks in between.</summary>
    [Fact]
    public async Task A_press_without_an_answer_is_sent_again_after_a_reload_and_makes_one_picture()
    {
        await using var app = await GenApiApp.StartAsync();
        var visitor = await VisitAsync(app);
        visitor.Expect("net::ERR_");
        var page = await visitor.OpenAsync();
        var keys = new List<string>();
        page.Request += (_, request) =>
        {
            if (request.Method == "POST" && request.Url.EndsWith("/generate", StringComparison.Ordinal))
                keys.Add(request.Headers["idempotency-key"]);
        };
        await page.RouteAsync("**/generate", async route =>
        {
            await route.FetchAsync();
            await route.AbortAsync("connectionreset");
        });

        await page.GenerateAsync("a red fox");
        await Expect(page.GetByText("The request is kept").First).ToBeVisibleAsync();
        await page.UnrouteAllAsync();
        await page.ReloadAsync();
        await page.GetByAltText("a red fox", new() { Exact = true }).First.LoadedAsync();

        Assert.InRange(keys.Count, 2, 9);
        Assert.Single(keys.Distinct());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_prompt_goes_to_several_models_several_times_and_its_settings_come_back()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(new { prompt = "a lighthouse", model = "sd", seed = 7, width = 512, height = 640, steps = 11 });
        var visitor = await VisitAsync(app);
        var page = await visitor.OpenAsync($"?from={made["id"].GetString()}");

        await Expect(page.Prompt()).ToHaveValueAsync("a lighthouse");
        await Expect(Box(page, "Seed")).ToHaveValueAsync("7");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Height" })).ToHaveValueAsync("9");
        Assert.DoesNotContain("from=", page.Url, StringComparison.Ordinal);
        await page.Locator("#create-model").ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Compare with sdxl", Exact = true }).CheckAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "How many" }).FillAsync("2");
        await Expect(page.GetByText("4 runs").First).ToBeVisibleAsync();
        await page.Prompt().PressAsync("Control+Enter");

        await Expect(page.GetByAltText("a lighthouse", new() { Exact = true })).ToHaveCountAsync(4);
        var runs = (await app.GetAsync("/generations?limit=5"))["data"].EnumerateArray().Take(4).ToList();
        Assert.Equal(
            ["sd 7 512x640 11", "sd 8 512x640 11", "sdxl 7 512x640 ", "sdxl 8 512x640 "],
            runs.Select(Described).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("it's \"so\" \\\\ \"\"\" ${x} $(id) `ls` %d {0} '''")]
    [InlineData("line one\nline two\t\u2028 🦊 </script>")]
    public async Task A_request_as_code_sends_exactly_that_request(string prompt)
    {
        await using var app = await GenApiApp.StartAsync();
        var visitor = await VisitAsync(app);
        var page = await visitor.OpenAsync();

        var code = await page.EvaluateAsync<Dictionary<string, string>>(
            """
            async prompt => {
              const main = document.querySelector('script[src$="/main.js"]').src;
              const { codeOf, languages } = await import(main.replace('main.js', 'code/texts.js'));
              const input = { refine: null, apply_watermark: false, guidance_scale: 7.5, list: ["a'b", ''] };
              const body = { model: 'sdxl', prompt, input };
              const options = { address: 'http://localhost:1/generate', needsKey: true };
              return Object.fromEntries(languages.map(it => [it, codeOf(it, body, options)]));
            }
            """,
            prompt);

        var sent = code.ToDictionary(pair => pair.Key, pair => ProgramTexts.BodyIn(pair.Key, pair.Value));
        var expected = JsonSerializer.SerializeToElement(new
        {
            model = "sdxl",
            prompt,
            input = new { refine = (string?)null, apply_watermark = false, guidance_scale = 7.5, list = (string[])["a'b", ""] },
        });
        Assert.Equal(4, sent.Count);
        Assert.All(sent, pair => Assert.True(JsonElement.DeepEquals(expected, pair.Value), $"{pair.Key}: {pair.Value}"));
        Assert.All(code.Values, text => Assert.Contains("genapi_YOUR_KEY", text, StringComparison.Ordinal));
    }

    private static ILocator Box(IPage page, string name) =>
        page.GetByRole(AriaRole.Spinbutton, new() { Name = name, Exact = true });

    private static string Described(JsonElement run)
    {
        var input = run.GetProperty("input");
        var steps = input.TryGetProperty("num_inference_steps", out var value) ? value.ToString() : "";
        var model = run.GetProperty("model").GetString() == "stability-ai/sdxl" ? "sdxl" : "sd";
        return $"{model} {input.GetProperty("seed")} {input.GetProperty("width")}x{input.GetProperty("height")} {steps}";
    }
}
