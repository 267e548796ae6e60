using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>
/// Holds docs, comments, problem texts and log lines to plain English: the phrases below are translations, or private words.
/// </summary>
public sealed class ProseTests
{
    private const RegexOptions AnyCase = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    // A sentence begins a passage, or follows another one.
    private const string Begin = @"(?<=^\W*|[.!?;:] )";

    /// <summary>The glossary quotes the words to avoid, next to the words to use.</summary>
    private const string Glossary = "docs/glossary.md";

    private static readonly Pattern[] Patterns =
    [
        new(@"(?<![-\w])anew\b", AnyCase, "again")
        {
            Caught = ["The file was made anew."],
            Fine = ["The verb start-anew runs.", "A new file."],
        },
        new(@"\bwhoever\b", AnyCase, "anyone who, the caller")
        {
            Caught = ["Whoever waits gets an answer."],
            Fine = ["Anyone who waits gets an answer."],
        },
        new(@"\btold\b", AnyCase, "notify, report, say, show")
        {
            Caught = ["Callers are told at once.", "What can't be used is told in one sentence."],
            Fine = ["GenApi reports an unusable file in one sentence."],
        },
        new(@"\bbesides? (?:that|this|them|it)\b", AnyCase, "also")
        {
            Caught = ["Beside that the service clears up after itself."],
            Fine = ["The service also cleans up after itself.", "The copy beside the program."],
        },
        new(@"\bof (?:its|their|our|your|one's|his) own\b", AnyCase, "own, separate")
        {
            Caught = ["Each key has an account of its own."],
            Fine = ["Each key has its own account."],
        },
        new(@"\bnews\b", AnyCase, "updates, notifications, webhooks")
        {
            Caught = ["News come one way."],
            Fine = ["There is one path for updates."],
        },
        new(@"\bthe thing of\b", AnyCase, "another account's")
        {
            Caught = ["The thing of another account is 404."],
            Fine = ["Another account's resource returns 404."],
        },
        new(@"\bno more(?=[.;,]|$)", AnyCase, "no longer, not any more")
        {
            Caught = ["A caller with whom it was shared sees it no more."],
            Fine = ["No more than three.", "The caller no longer sees it."],
        },
        new(@"\bupkeep\b", RegexOptions.CultureInvariant, "maintenance")
        {
            Caught = ["The upkeep runs each hour."],
            Fine = ["Maintenance runs each hour.", "The store is over Upkeep:MaxBytes."],
        },
        // An inversion in place of "if".
        new(Begin + @"(?:Is|Are|Was|Were|Has|Have|Had) (?:the|a|an|it|there|no|this|nothing|nobody)\b[^.?!,]*, [^.?!]*(?:[.!]|$)",
            RegexOptions.CultureInvariant, "If the …")
        {
            Caught = ["Is the service killed within them, the id may be 404."],
            Fine = ["If the service is killed in that window, the id may return 404.", "Is the service running, or not?"],
        },
        // Clauses as subjects.
        new(Begin + @"(?:Who|Of what|Of whom)\b[^.?!]*[.!;]", RegexOptions.CultureInvariant, "callers that …")
        {
            Caught = ["Who waits gets 507.", "Of what keeps a picture from being stored callers learn too."],
            Fine = ["Waiting callers get 507.", "Who waits?", "Who am I"],
        },
        new(@"^(?:What|Which|Who|Whose|Whether|How|When|Where|Why|Of what)\b", RegexOptions.CultureInvariant, "a verb or a noun first")
        {
            IsForSummaries = true,
            Caught = ["What a caller may do.", "Whether it is open.", "How full the store is."],
            Fine = ["The rights of a caller.", "Says whether it is open."],
        },
    ];

    [Fact]
    public void Sentences_are_plain_English()
    {
        var files = Pages().Concat(Sources()).Where(file => file != Glossary);
        var faults = files.SelectMany(file =>
            Prose.Read(Repository.PathOf(file)).SelectMany(passage => Faults(passage, $"{file}:{passage.Line}"))).ToList();

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Each_pattern_catches_its_examples_and_nothing_else() => Assert.All(Patterns, pattern =>
    {
        Assert.All(pattern.Caught, sentence => Assert.Matches(pattern.Regex, sentence));
        Assert.All(pattern.Fine, sentence => Assert.DoesNotMatch(pattern.Regex, sentence));
    });

    [Fact]
    public void Code_and_quoted_names_are_left_out()
    {
        var page = Prose.OfMarkdown(
            "Read `anew` in [the page](told.md),\nplease.\n\n```\nwhoever\n```\n| one cell | `news` here |\n* An item.\n");
        Assert.Equal(["Read … in [the page], please.", "one cell", "… here", "An item."], page.Select(each => each.Text));

        var code = Prose.OfCode("""
            /// <summary>Reads <c>anew</c> from <see cref="Told"/>.</summary>
            /// <param name="whoever">A caller.</param>
            var a = "start-anew"; // Two words.
            var b = $"It is {told} here.";
            """);
        Assert.Equal(
            [(1, "Reads … from ….", true), (1, "A caller.", false), (3, "Two words.", false), (4, "It is … here.", false)],
            code.Select(each => (each.Line, each.Text, each.IsSummary)));
    }

    private static IEnumerable<string> Faults(Prose passage, string place) =>
        from pattern in Patterns
        where passage.IsSummary || !pattern.IsForSummaries
        let match = pattern.Regex.Match(passage.Text)
        where match.Success
        select $"{place}: '{match.Value}' in \"{passage.Text}\". Write: {pattern.Write}.";

    private static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"))
            .Append(Repository.PathOf("src/GenApi.Client/README.md")).Select(Relative).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories).Select(Relative)
            .Where(file => !file.Contains("/Migrations/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static string Relative(string path) => Path.GetRelativePath(Repository.Root, path).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>A phrase that no native speaker would write here.</summary>
    /// <param name="Expression">A regular expression for the phrase.</param>
    /// <param name="Options">Its options.</param>
    /// <param name="Write">The words to write instead.</param>
    private sealed record Pattern(string Expression, RegexOptions Options, string Write)
    {
        public Regex Regex { get; } = new(Expression, Options);

        /// <summary>True if it applies to the summaries of XML comments only.</summary>
        public bool IsForSummaries { get; init; }

        public required string[] Caught { get; init; }

        public required string[] Fine { get; init; }
    }
}
