using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;

namespace GenApi.Tests.Hosting;

/// <summary>Lengths count code points, and JSON is read with any spelling of UTF-8.</summary>
public sealed class TextLengthTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private GenApiApp App => shared.App;

    [Theory]
    [InlineData("")]
    [InlineData("fox")]
    [InlineData("狐狸")]
    [InlineData("🦊🦊a")]
    [InlineData("a\n\"b\\/🦊é")]
    public void Characters_are_code_points_whether_escaped_or_not(string text)
    {
        var expected = text.EnumerateRunes().Count();
        Assert.Equal(expected, Characters.Count(text));
        // The default encoder escapes everything beyond ASCII, the other one only what it must.
        Assert.Equal(expected, JsonCharacters.Count(JsonSerializer.SerializeToElement(text)));
        Assert.Equal(expected, JsonCharacters.Count(JsonSerializer.SerializeToElement(text, Relaxed)));
    }

    [Theory]
    [InlineData(64, "🦊", 3)]
    [InlineData(3, "aa🦊", 4)]
    [InlineData(3, "aaa🦊", 4)]
    public void A_cut_never_tears_a_pair(int most, string text, int length)
    {
        var cut = Characters.Cut(string.Concat(Enumerable.Repeat(text, most)), most);

        Assert.EndsWith("…", cut, StringComparison.Ordinal);
        Assert.DoesNotContain(Rune.ReplacementChar, cut.EnumerateRunes());
        Assert.True(cut.Length <= most + 1 && length > 0);
    }

    [Theory]
    [InlineData(32_000, true)]
    [InlineData(32_001, false)]
    public async Task A_prompt_of_foxes_has_as_many_characters_as_foxes(int foxes, bool isTaken)
    {
        var prompt = string.Concat(Enumerable.Repeat("🦊", foxes));
        // An unknown member, so that nothing is generated.
        var escaped = await App.GenerateAsync(new { prompt, negative_prompt = prompt, zz = 1 });
        var plain = await App.GenerateAsync($$"""{"prompt":"{{prompt}}","negative_prompt":"{{prompt}}","zz":1}""");

        foreach (var answer in new[] { escaped, plain })
        {
            Assert.Equal(isTaken, !answer["errors"].TryGetProperty("$.prompt", out var sentences));
            Assert.Equal(isTaken, !answer["errors"].TryGetProperty("$.negative_prompt", out _));
            if (!isTaken)
                Assert.Contains("a string of 32001 characters", sentences[0].GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metadata_searches_and_names_of_keys_are_counted_so_too()
    {
        static string Foxes(int count) => string.Concat(Enumerable.Repeat("🦊", count));

        var longest = new Dictionary<string, string> { [Foxes(64)] = Foxes(512) };
        var taken = await App.GenerateAsync(new { prompt = "a", zz = 1, metadata = longest });
        var longKey = await App.GenerateAsync(new { prompt = "a", metadata = new Dictionary<string, string> { [Foxes(65)] = "v" } });
        var longValue = await App.GenerateAsync(new { prompt = "a", metadata = new { k = Foxes(513) } });

        Assert.Equal("$.zz", Assert.Single(taken["errors"].EnumerateObject()).Name);
        Assert.Contains("this one has 65", longKey.Text, StringComparison.Ordinal);
        Assert.Contains("this one has 513", longValue.Text, StringComparison.Ordinal);
        foreach (var list in (string[])["generations", "models"])
        {
            Assert.Equal(200, (await App.GetAsync($"/{list}?q={Uri.EscapeDataString(Foxes(200))}")).Status);
            var refused = await App.GetAsync($"/{list}?q={Uri.EscapeDataString(Foxes(201))}");
            Assert.Contains("there are 201", refused.Text, StringComparison.Ordinal);
        }
        var key = await App.PostAsync("/accounts/keys", new { name = Foxes(101) });
        Assert.Contains("a string of 101 characters", key.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("application/json; charset=UTF8", true)]
    [InlineData("application/json; charset=\"utf-8\"", true)]
    [InlineData("application/json;charset=Utf-8", true)]
    [InlineData("application/merge-patch+json; charset=\"UTF8\"", true)]
    [InlineData("application/json; charset=utf-16", false)]
    [InlineData("application/json; charset=latin1", false)]
    public async Task Utf_8_is_taken_however_it_is_spelled_and_with_a_byte_order_mark(string type, bool isTaken)
    {
        foreach (var path in (string[])["/generate", "/accounts/keys"])
        {
            foreach (var mark in (string[])["", "\uFEFF"])
            {
                using var content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{{mark}}{"zz":1}"""));
                content.Headers.TryAddWithoutValidation("Content-Type", type);

                var answer = await App.SendAsync(HttpMethod.Post, path, content);

                BadInputTests.AssertProblem(answer, isTaken ? 400 : 415, isTaken ? "invalid_request" : "unsupported_media_type");
                Assert.True(isTaken || answer["detail"].GetString()!.Contains("charset=utf-8", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_byte_order_mark_in_another_place_or_alone_is_no_JSON()
    {
        foreach (var text in (string[])["\uFEFF", "\uFEFF\uFEFF{}", " \uFEFF{}", "{}\uFEFF"])
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            BadInputTests.AssertProblem(await App.SendAsync(HttpMethod.Post, "/generate", content), 400, "malformed_json");
        }
    }
}
