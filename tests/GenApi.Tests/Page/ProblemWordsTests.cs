using System.Text.RegularExpressions;
using GenApi.Core.Errors;
using GenApi.Hosting.Problems;

namespace GenApi.Tests.Page;

/// <summary>Compares the words of the page for problems with the codes that the service answers with.</summary>
public sealed partial class ProblemWordsTests
{
    private const string Next = ".next";

    /// <summary>What only the page knows: no answer, an answer of something else, and its own errors.</summary>
    private static readonly string[] OfThePage = ["offline", "aborted", "gateway", "broken", "unknown"];

    /// <summary>The statuses that HTTP prescribes, as far as the service or its server answers with them.</summary>
    private static readonly int[] Bare = [400, 401, 403, 404, 405, 408, 412, 413, 414, 415, 416, 429, 431, 500];

    /// <summary>Texts that are no problems but stand in them.</summary>
    private static readonly string[] Parts = ["wait", "span-day", "span-month", "span-total"];

    [Theory]
    [InlineData("en")]
    [InlineData("de")]
    public void Every_code_has_a_sentence_and_a_next_step_and_every_sentence_has_a_code(string language)
    {
        var words = Words(language);
        var codes = Enum.GetValues<ErrorKind>().Select(ErrorCodes.Of)
            .Concat(Bare.Select(status => ProblemTable.Bare(status).Code))
            .Concat(CodesOfThePage())
            .Concat(OfThePage).ToHashSet();

        Assert.Equal([], codes.SelectMany(code => new[] { code, code + Next }).Except(words.Keys));
        Assert.Equal([], words.Keys.Select(key => key.Split('.')[0]).Except(codes).Except(Parts));
        // A case of a code, such as `storage_full.run`, has both as well.
        Assert.Equal([], words.Keys.Where(key => key.EndsWith(Next, StringComparison.Ordinal))
            .Select(key => key[..^Next.Length]).Except(words.Keys));
        Assert.Equal([], words.Keys.Where(key => !key.EndsWith(Next, StringComparison.Ordinal)).Except(Parts)
            .Select(key => key + Next).Except(words.Keys));
        Assert.DoesNotContain(words, pair => pair.Value.Trim().Length == 0);
    }

    [Fact]
    public void Both_languages_have_the_same_texts_with_the_same_values()
    {
        var (english, german) = (Words("en"), Words("de"));

        Assert.Equal(english.Keys.Order(), german.Keys.Order());
        Assert.Equal([], english.Where(pair => !Values(pair.Value).SetEquals(Values(german[pair.Key]))).Select(pair => pair.Key));
    }

    /// <summary>A number must not be left blank in the sentence: what a text names, the page fills in.</summary>
    [Fact]
    public void Every_value_in_a_text_is_one_that_the_page_fills_in()
    {
        var code = File.ReadAllText(Repository.PathOf("src/GenApi/Page/Assets/kernel/problems.js"));

        var unknown = Words("en").Values.SelectMany(Values).Distinct()
            .Where(value => !code.Contains($"    {value}: ", StringComparison.Ordinal));

        Assert.Equal([], unknown);
    }

    /// <summary>Reads the codes in the table of docs/api/problems.md.</summary>
    private static IEnumerable<string> CodesOfThePage() =>
        Row().Matches(File.ReadAllText(Repository.PathOf("docs/api/problems.md"))).Select(row => row.Groups[1].Value);

    private static HashSet<string> Values(string text) => [.. Value().Matches(text).Select(each => each.Groups[1].Value)];

    private static Dictionary<string, string> Words(string language) =>
        Word().Matches(File.ReadAllText(Repository.PathOf($"src/GenApi/Page/Assets/words/{language}/problems.js")))
            .ToDictionary(each => each.Groups["key"].Value, each => each.Groups["text"].Value);

    // A text may go on over several lines: 'key': 'begin ' + 'end',
    [GeneratedRegex(@"^  '(?<key>[a-z_.-]+)': (?<text>'[^']*'(?:\s*\+ '[^']*')*),$", RegexOptions.Multiline)]
    private static partial Regex Word();

    [GeneratedRegex(@"^\| \d{3} \| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Value();
}
