using System.Text.Json;
using System.Text.RegularExpressions;

namespace GenApi.Tests.Page.Files;

/// <summary>Tests the texts of the page: both languages are complete, every key exists, and no view has texts of its own.</summary>
public sealed partial class WordsTests : PageTest
{
    /// <summary>Names that are the same in every language.</summary>
    private static readonly HashSet<string> Names = ["GenApi", "curl", "Python", "JavaScript", "CSV", "SHA"];

    [Fact]
    public async Task Both_languages_have_the_same_keys_and_fill_in_the_same_values()
    {
        var (english, german) = await WordsAsync();

        Assert.NotEmpty(english);
        Assert.Equal(Keys(english), Keys(german));
        Assert.All(english.Concat(german), pair => Assert.False(string.IsNullOrWhiteSpace(pair.Value), pair.Key));
        foreach (var (key, text) in english)
            Assert.Equal((key, Filled(text)), (key, Filled(german[key])));
        // Not forgotten: most texts differ.
        Assert.InRange(english.Count(pair => german[pair.Key] == pair.Value), 0, english.Count / 5);
    }

    [Fact]
    public async Task Every_key_that_is_used_has_a_text_and_every_text_is_used()
    {
        var (words, _) = await WordsAsync();
        var parts = words.Keys.Select(key => key.Split('.')[0]).ToHashSet();
        var (missing, used) = (new List<string>(), new HashSet<string>());
        foreach (var path in PageSources.Modules)
        {
            var source = PageSources.Text(path);
            foreach (var key in Literal().Matches(source).Select(match => match.Groups["key"].Value)
                .Where(key => parts.Contains(key.Split('.')[0])))
            {
                var found = words.Keys.Where(word => word == key || Forms().Replace(word, "") == key).ToList();
                if (found.Count == 0)
                    missing.Add($"{path}: {key}");
                used.UnionWith(found);
            }
            foreach (var pattern in Composed().Matches(source).Select(match => match.Groups["key"].Value)
                .Where(key => parts.Contains(key.Split('.')[0])))
            {
                var regex = new Regex($"^{string.Join(".+", Expression().Split(pattern).Select(Regex.Escape))}$");
                var found = words.Keys.Where(word => regex.IsMatch(word) || regex.IsMatch(Forms().Replace(word, ""))).ToList();
                if (found.Count == 0)
                    missing.Add($"{path}: {pattern}");
                used.UnionWith(found);
            }
        }

        Assert.Empty(missing);
        Assert.Empty(words.Keys.Except(used).Order());
    }

    [Fact]
    public void No_view_has_texts_of_its_own()
    {
        var found =
            from path in PageSources.Modules
            from word in WordsOf(PageSources.Text(path))
            where !Names.Contains(word)
            select $"{path}: {word}";

        Assert.Empty(found);
        // The search finds what it looks for.
        Assert.Equal(
            ["No", "Delete", "Really?"],
            WordsOf("x = html`<a title=\"Delete\" n=${a > 1}>Really? ${1}</a> ${list.map(it => html`<i>No</i>`)}`; // html`<b>C</b>`"));
    }

    private static IEnumerable<string> WordsOf(string source) =>
        Templates.Of(source).SelectMany(Templates.Texts).SelectMany(text => Word().Matches(text)).Select(match => match.Value);

    /// <summary>Loads the modules as the page does.</summary>
    private async Task<(Dictionary<string, string> English, Dictionary<string, string> German)> WordsAsync()
    {
        await using var app = await GenApiApp.StartAsync();
        var visitor = await VisitAsync(app);
        var page = await visitor.OpenAsync();
        async Task<Dictionary<string, string>> LoadAsync(string language) =>
            JsonSerializer.Deserialize<Dictionary<string, string>>(await page.EvaluateAsync<string>(
                """
                async files => {
                  const main = document.querySelector('script[src$="/main.js"]').src;
                  const all = await Promise.all(files.map(async file => {
                    const texts = (await import(main.replace('main.js', file))).default;
                    const part = file.split('/').at(-1).replace('.js', '');
                    return Object.entries(texts).map(([key, text]) => [`${part}.${key}`, text]);
                  }));
                  return JSON.stringify(Object.fromEntries(all.flat()));
                }
                """,
                PageSources.Paths.Where(path => path.StartsWith($"words/{language}/", StringComparison.Ordinal)).ToArray()))!;
        var words = (await LoadAsync("en"), await LoadAsync("de"));
        await visitor.Context.CloseAsync();
        return words;
    }

    /// <summary>The keys; forms for numbers differ between languages.</summary>
    private static IEnumerable<string> Keys(Dictionary<string, string> words) => words.Keys.Order(StringComparer.Ordinal);

    private static string Filled(string text) =>
        string.Join(' ', Value().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Value();

    [GeneratedRegex(@"(?<quote>['""`])(?<key>[a-z][a-z0-9-]*\.[a-z0-9_.-]+)\k<quote>")]
    private static partial Regex Literal();

    [GeneratedRegex(@"`(?<key>[a-z][a-z0-9-]*\.[a-z0-9_.-]*(?:\$\{[^}`]*\}[a-z0-9_.-]*)+)`")]
    private static partial Regex Composed();

    [GeneratedRegex(@"\$\{[^}`]*\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"\.(?:zero|one|two|few|many|other)$")]
    private static partial Regex Forms();

    [GeneratedRegex(@"\p{L}{2,}[\p{L}?!.…]*")]
    private static partial Regex Word();
}
