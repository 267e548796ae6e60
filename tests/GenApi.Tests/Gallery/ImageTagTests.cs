using GenApi.Core.Generations.Gallery;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Gallery;

/// <summary>Tests the tags of images over HTTP.</summary>
public sealed class ImageTagTests
{
    /// <summary>Tags as sent, and as stored.</summary>
    public static TheoryData<string, string> Forms => new()
    {
        { "Fox", "fox" },
        { "  two words ", "two words" },
        { "ÄRGER", "ärger" },
        { "e\u0301tude", "\u00e9tude" },
        { "GRO\u0308SSE", "grösse" },
        { "e\u0302\u0323", "\u1ec7" },
        { "\u00ea\u0323", "\u1ec7" },
        { "e\u0323\u0302", "\u1ec7" },
        { "\u0439", "\u0439" },
        { "\u0418\u0306", "\u0439" },
        { "\u03b1\u0313\u0301\u0345", "\u1f84" },
        { "\u304b\u3099", "\u304c" },
        { "\u1112\u1161\u11ab", "\ud55c" },
        { "\uac00\u11a8", "\uac01" },
        { "a\u0301\u0301", "\u00e1\u0301" },
        { "狐狸", "狐狸" },
        { "🦊👨‍👩‍👧", "🦊👨‍👩‍👧" },
        { "a/b", "a/b" },
        { "a%2Fb", "a%2fb" },
        { "100 %", "100 %" },
        { "a+b&c=d?e#f", "a+b&c=d?e#f" },
        { "x.y", "x.y" },
        { "tags", "tags" },
        { "'; DROP TABLE ImageTags;--", "'; drop table imagetags;--" },
    };

    [Fact]
    public async Task A_tag_has_one_form_and_is_found_however_it_is_written()
    {
        await using var app = await GenApiApp.StartAsync();
        var id = Listed.ImagesOf(await app.GenerateAsync(Requests.Small(1)))[0];

        foreach (var row in Forms)
        {
            var (sent, stored) = row.Data;
            Assert.Equal((sent, 204), (sent, (await PutAsync(app, id, sent)).Status));
            Assert.Equal((sent, 204), (sent, (await PutAsync(app, id, sent)).Status));
            Assert.Equal([stored], await TagsAsync(app, $"/images/{id}/tags"));
            Assert.Equal([stored], await TagsAsync(app, "/images/tags"));
            foreach (var form in (string[])[sent, stored, stored.ToUpperInvariant()])
                Assert.Equal((form, 1), (form, (await Listed.IdsAsync(app, $"?tag={Uri.EscapeDataString(form)}")).Count));
            Assert.Equal(204, (await DeleteAsync(app, id, sent)).Status);
            Assert.Equal(204, (await DeleteAsync(app, id, sent)).Status);
            Assert.Empty(await TagsAsync(app, "/images/tags"));
        }
    }

    [Theory]
    [InlineData("%20", "it is blank")]
    [InlineData("a%0Ab", "without control characters")]
    [InlineData("a%7Fb", "without control characters")]
    [InlineData("a%E2%80%A8b", "without control characters")]
    [InlineData("a%EF%BF%BDb", "Remove what is not text")]
    public async Task A_text_that_is_no_tag_is_refused_and_named(string sent, string sentence)
    {
        await using var app = await GenApiApp.StartAsync();
        var id = Listed.ImagesOf(await app.GenerateAsync(Requests.Small(1)))[0];

        foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Delete])
        {
            var refused = await app.SendAsync(method, $"/images/{id}/tags/{sent}", null);
            BadInputTests.AssertProblem(refused, 400, "invalid_request");
            Assert.Contains(sentence, refused["errors", "tag"][0].GetString(), StringComparison.Ordinal);
        }
        // 64 characters, of which each may be two UTF-16 units.
        Assert.Equal(204, (await PutAsync(app, id, string.Concat(Enumerable.Repeat("🦊", 64)))).Status);
        var longer = await PutAsync(app, id, string.Concat(Enumerable.Repeat("🦊", 65)));
        Assert.Contains("it has 65 characters", longer["errors", "tag"][0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tags_belong_to_the_account_and_its_right_is_generate()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));
        var reader = Keys.Of((await app.MakeAsync("reader", "read")).Secret);
        var id = Listed.ImagesOf(await app.GenerateAsync(Requests.Small(1), ann))[0];

        // An image that is not seen does not exist.
        BadInputTests.AssertProblem(await PutAsync(app, id, "fox", bob), 404, "not_found");
        BadInputTests.AssertProblem(await DeleteAsync(app, id, "fox", bob), 404, "not_found");
        BadInputTests.AssertProblem(await app.GetAsync($"/images/{id}/tags", bob), 404, "not_found");
        BadInputTests.AssertProblem(await PutAsync(app, id, "fox", reader), 403, "forbidden");
        BadInputTests.AssertProblem(await app.SendAsync(HttpMethod.Put, $"/images/{id}/tags/fox", null), 401, "unauthenticated");
        BadInputTests.AssertProblem(await PutAsync(app, "img_01m874scntedft1trzb6g6ttzr", "fox", ann), 404, "not_found");
        BadInputTests.AssertProblem(await PutAsync(app, "gen_01m874scntedft1trzb6g6ttzr", "fox", ann), 404, "not_found");

        await app.GenerateAsync(Requests.Small(1), bob);
        await PutAsync(app, id, "hers", ann);
        await PutAsync(app, id, "his", bob);
        await PutAsync(app, id, "the admin's", Keys.AsAdmin);
        foreach (var (key, tag) in new[] { (ann, "hers"), (bob, "his"), (Keys.AsAdmin, "the admin's") })
        {
            Assert.Equal([tag], await TagsAsync(app, $"/images/{id}/tags", key));
            Assert.Equal([tag], await TagsAsync(app, "/images/tags", key));
            Assert.Equal([tag], Listed.Strings((await Listed.RowsAsync(app, "", key))[0].GetProperty("tags")));
            Assert.Single(await Listed.IdsAsync(app, $"?tag={Uri.EscapeDataString(tag)}", key));
        }
        Assert.Empty(await Listed.IdsAsync(app, "?tag=hers", Keys.AsAdmin));
        await DeleteAsync(app, id, "hers", bob);
        Assert.Equal(["hers"], await TagsAsync(app, $"/images/{id}/tags", ann));
        // Nobody else sees them, so the audit log does not show them.
        Assert.DoesNotContain("tag", (await app.GetAsync("/accounts/audit", Keys.AsAdmin)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_has_at_most_fifty_tags_and_an_account_five_hundred()
    {
        await using var app = await GenApiApp.StartAsync();
        var id = Listed.ImagesOf(await app.GenerateAsync(Requests.Small(1)))[0];
        var other = Listed.ImagesOf(await app.GenerateAsync(Requests.Small(2)))[0];
        await Task.WhenAll(Enumerable.Range(0, GalleryService.MostOfImage).Select(each => PutAsync(app, id, $"t{each:00}")));

        var full = await PutAsync(app, id, "one more");
        BadInputTests.AssertProblem(full, 409, "conflict");
        Assert.Contains("at most 50 tags", full["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal(204, (await PutAsync(app, id, "t07")).Status);
        Assert.Equal(Enumerable.Range(0, 50).Select(each => $"t{each:00}"), await TagsAsync(app, $"/images/{id}/tags"));
        await DeleteAsync(app, id, "t07");
        Assert.Equal(204, (await PutAsync(app, id, "one more")).Status);

        await Damage.ExecuteAsync(app, $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {GalleryService.MostOfAccount - 50})
            INSERT INTO ImageTags (AccountId, Tag, ImageId, GenerationCreatedAt, GenerationNumber)
            SELECT AccountId, 'x' || i, ImageId, GenerationCreatedAt, GenerationNumber
            FROM n, (SELECT * FROM ImageTags LIMIT 1) AS one
            """);
        Assert.Equal(GalleryService.MostOfAccount, (await TagsAsync(app, "/images/tags")).Count);
        full = await PutAsync(app, other, "new");
        BadInputTests.AssertProblem(full, 409, "conflict");
        Assert.Contains("at most 500 different tags", full["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal(204, (await PutAsync(app, other, "x1")).Status);
    }

    private static Task<Answer> PutAsync(GenApiApp app, string id, string tag, params (string, string)[] key) =>
        app.SendAsync(HttpMethod.Put, $"/images/{id}/tags/{Uri.EscapeDataString(tag)}", null, key);

    private static Task<Answer> DeleteAsync(GenApiApp app, string id, string tag, params (string, string)[] key) =>
        app.DeleteAsync($"/images/{id}/tags/{Uri.EscapeDataString(tag)}", key);

    private static async Task<IReadOnlyList<string?>> TagsAsync(GenApiApp app, string path, params (string, string)[] key)
    {
        var answer = await app.GetAsync(path, key);
        Assert.True(answer.Status == 200, answer.Text);
        return Listed.Strings(answer["tags"]);
    }
}
