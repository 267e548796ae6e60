using GenApi.Tests.Accounts;

namespace GenApi.Tests.Generations;

/// <summary>Tests who learns which account made a generation.</summary>
public sealed class OwnerTests
{
    [Fact]
    public async Task The_account_that_made_it_and_administrators_see_whose_it_is_and_an_account_that_shares_it_does_not()
    {
        await using var app = await Keys.StartAsync();
        var (shopId, secret) = await app.MakeAsync("shop");
        var (shop, blog) = (Keys.Of(secret), Keys.Of((await app.MakeAsync("blog")).Secret));
        var made = await app.GenerateAsync(Requests.Small(1), shop);
        var hit = await app.GenerateAsync(Requests.Small(1), blog);

        Assert.Equal((shopId, "shop"), Account(made));
        Assert.Equal("GenApi; hit", hit.Header("Cache-Status"));
        var image = made.ImageUrl().AbsolutePath + "/info";
        foreach (var path in new[] { $"/generations/{made.Id}", $"/generations/{made.Id}/events", image, "/generations" })
        {
            Assert.DoesNotContain("\"account\"", (await app.GetAsync(path, blog)).Text, StringComparison.Ordinal);
            foreach (var caller in new[] { shop, Keys.AsAdmin })
            {
                var expected = $$"""
                    "account":{"id":"{{shopId}}","name":"shop"}
                    """;
                Assert.Contains(expected, (await app.GetAsync(path, caller)).Text, StringComparison.Ordinal);
            }
        }
        // Each of the three gets its own again from the renderings in memory.
        Assert.DoesNotContain("\"account\"", (await app.GenerateAsync(Requests.Small(1), blog)).Text, StringComparison.Ordinal);
        Assert.Equal((shopId, "shop"), Account(await app.GenerateAsync(Requests.Small(1), shop)));
    }

    [Fact]
    public async Task A_new_name_of_the_key_is_seen_at_once_even_by_a_caller_that_knows_the_tag()
    {
        await using var app = await Keys.StartAsync();
        var (shopId, secret) = await app.MakeAsync("shop");
        var shop = Keys.Of(secret);
        var made = await app.GenerateAsync(Requests.Small(1), shop);
        var before = await app.GetAsync($"/generations/{made.Id}", shop);
        Assert.Equal(304, (await app.GetAsync($"/generations/{made.Id}", shop, ("If-None-Match", before.Header("ETag")!))).Status);

        await app.PatchKeyAsync(shopId, """{ "name": "store" }""");
        var after = await app.GetAsync($"/generations/{made.Id}", shop, ("If-None-Match", before.Header("ETag")!));

        Assert.Equal((200, (shopId, "store")), (after.Status, Account(after)));
        Assert.Equal((shopId, "store"), Account(await app.GetAsync($"/generations/{made.Id}", Keys.AsAdmin)));
    }

    [Fact]
    public async Task Without_keys_everybody_sees_the_word_of_the_open_account()
    {
        await using var app = await GenApiApp.StartAsync();

        Assert.Equal(("open", "open"), Account(await app.GenerateAsync(Requests.Small(1))));
    }

    private static (string?, string?) Account(Answer answer) =>
        (answer["account", "id"].GetString(), answer["account", "name"].GetString());
}
