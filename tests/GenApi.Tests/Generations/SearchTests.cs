using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Tests.Accounts;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Persistence;
using GenApi.Tests.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenApi.Tests.Generations;

/// <summary>Tests which search finds which prompts, for which account, and that nothing in it depends on other accounts' rows.</summary>
public sealed class SearchTests
{
    private const string Chinese = "雪中的红狐狸在奔跑";
    private const string Japanese = "雪の中を走るキツネ、カメラ";
    private const string Korean = "눈밭을 달리는 붉은여우가";
    private const string Thai = "สุนัขจิ้งจอกสีแดงวิ่งในหิมะ";
    private const string French = "Élan près d'une forêt brûlée";
    private const string Greek = "Ένας ΟΔΥΣΣΕΑΣ στη θάλασσα";
    private const string Russian = "ёлка и мой кот";
    private const string Mixed = "red-fox 狐狸fox42 at 1.5 f-stop 🦊❄️";
    private const string Plain = "a red foxglove, oil_on canvas";

    private static readonly string[] Prompts = [Chinese, Japanese, Korean, Thai, French, Greek, Russian, Mixed, Plain];

    /// <summary>A search and the prompts that it finds.</summary>
    private static readonly (string Words, string[] Found)[] Answers =
    [
        // In scripts without spaces any part of the text matches, even one character.
        ("狐狸", [Chinese, Mixed]), ("红狐", [Chinese]), ("狐", [Chinese, Mixed]), ("跑", [Chinese]), ("在奔跑", [Chinese]),
        ("雪中的红狐狸在奔跑", [Chinese]), ("狸狐", []), ("狐跑", []),
        ("奔跑 雪中", [Chinese]), ("雪", [Chinese, Japanese]), ("狐狸。", [Chinese, Mixed]),
        ("キツネ", [Japanese]), ("ツネ", [Japanese]), ("ｷﾂﾈ", [Japanese]), ("走る", [Japanese]), ("メラ", [Japanese]), ("ネカ", []),
        ("여우", [Korean]), ("여우가", [Korean]), ("눈", [Korean]), ("\u110B\u1167\u110B\u116E", [Korean]), ("우여", []),
        ("จิ้งจอก", [Thai]), ("หิมะ", [Thai]), ("แดง", [Thai]), ("แมว", []),
        // Words match from their beginning, in any order, whatever the case and the accents.
        ("foret", [French]), ("FORÊT elan", [French]), ("e\u0301lan", [French]), ("brûl", [French]), ("rulee", []), ("d'une", [French]),
        ("οδυσσεας", [Greek]), ("Οδυσσεας", [Greek]), ("θαλασσα", [Greek]), ("ενας", [Greek]),
        ("мой", [Russian]), ("мо\u0438\u0306", [Russian]), ("мои", []), ("елка", []), ("ёл", [Russian]),
        ("red fox", [Mixed, Plain]), ("fox", [Mixed, Plain]), ("foxglove", [Plain]), ("ox", []), ("red-fox", [Mixed, Plain]),
        ("f-stop", [Mixed]), ("1.5", [Mixed]), ("fox42", [Mixed]), ("狐狸fox", [Mixed]),
        ("oil on", [Plain]), ("ＲＥＤ", [Mixed, Plain]), ("🦊", [Mixed]), ("🦊❄", [Mixed]), ("re\u00ADd", [Mixed, Plain]),
        // Nothing is an operator, and characters that are no words are ignored.
        ("red NOT fox", []), ("\"red", [Mixed, Plain]), ("red*", [Mixed, Plain]), ("foxglove OR", []), ("fox ,", [Mixed, Plain]),
        ("!!!", []), ("_", []), ("0_red", []),
    ];

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_search_finds_what_the_table_says_and_its_order_and_pages_are_those_of_the_list()
    {
        await using var app = await Keys.StartAsync();
        var ann = Keys.Of((await app.MakeAsync("ann")).Secret);
        foreach (var (seed, prompt) in Prompts.Index())
            await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(seed + 1, prompt), ann));

        foreach (var (words, found) in Answers)
        {
            var expected = found.OrderByDescending(prompt => Array.IndexOf(Prompts, prompt));
            Assert.Equal((words, string.Join(" | ", expected)), (words, string.Join(" | ", await FindAsync(app, words, ann))));
            Assert.Equal((words, string.Join(" | ", expected)), (words, string.Join(" | ", await FindAsync(app, words, Keys.AsAdmin))));
        }
        var first = await app.GetAsync("/generations?q=fox&limit=1", ann);
        var second = await app.GetAsync($"/generations?q=fox&limit=1&cursor={first["next_cursor"].GetString()}", ann);
        Assert.Equal([Plain, Mixed], PromptsOf(first).Concat(PromptsOf(second)));
        Assert.Equal("null", second["next_cursor"].GetRawText());
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task Who_is_given_a_picture_finds_it_until_it_is_taken_from_it()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));
        var made = await app.GenerateAsync(Requests.Small(1, Chinese), ann);
        Assert.Empty(await FindAsync(app, "狐狸", bob));

        // Once from memory, and once from the store.
        await app.GenerateAsync(Requests.Small(1, Chinese), bob);
        Assert.Equal([Chinese], await FindAsync(app, "狐狸", bob));
        await app.DeleteAsync($"/generations/{made.Id}", bob);
        Assert.Empty(await FindAsync(app, "狐狸", bob));
        await app.GenerateAsync(Requests.Small(1, Chinese), bob, ("Idempotency-Key", "again"));
        Assert.Equal([Chinese], await FindAsync(app, "狐狸", bob));

        await app.DeleteAsync($"/generations/{made.Id}", ann);
        foreach (var key in ((string, string)[])[ann, bob, Keys.AsAdmin])
            Assert.Empty(await FindAsync(app, "狐狸", key));
        Assert.Equal(0, await Damage.ExecuteAsync(app, "SELECT count(*) FROM PromptTerms"));
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_search_reads_nothing_of_what_others_have()
    {
        using var queries = new AskedQueries("PromptTerms");
        await using var app = await Keys.StartAsync();
        queries.Folder = app.DataDirectory;
        var (ann, bob) = (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));
        await app.GenerateAsync(Requests.Small(1, "a zebra"), ann);
        await app.GenerateAsync(Requests.Small(2, "a heron"), bob);
        await app.StopAsync();
        // More rows than one step of a search finds.
        await SearchStore.CopyAsync(app, 300);
        await app.StartAgainAsync();
        await SearchStore.FilledAsync(app);
        Assert.Equal(20, (await app.GetAsync("/generations?q=zeb", ann))["data"].GetArrayLength());

        var (known, unknown) = (await AskedAsync("zebra"), await AskedAsync("gnome"));

        Assert.Equal(unknown.Select(each => each.Text), known.Select(each => each.Text));
        await using var connection = await OpenAsync(app);
        foreach (var (one, other) in known.Zip(unknown))
            Assert.Equal(other.Steps(connection), one.Steps(connection));
        // No term of the index belongs to two accounts.
        await using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, PromptTerms, instance);
            SELECT count(*), sum(term NOT LIKE (doc & 16777215) || '\_%' ESCAPE '\') FROM temp.vocabulary;
            """;
        await using var reader = await command.ExecuteReaderAsync(Ended);
        Assert.True(await reader.ReadAsync(Ended));
        Assert.True(reader.GetInt64(0) > 1000);
        Assert.Equal(0, reader.GetInt64(1));

        async Task<IReadOnlyList<AskedQuery>> AskedAsync(string words)
        {
            var before = queries.All.Count;
            Assert.Empty(await FindAsync(app, words, bob));
            return [.. queries.All.Skip(before)];
        }
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_list_reads_only_the_accounts_own_rows_whatever_the_filters_and_the_figures()
    {
        using var queries = new AskedQueries("FROM \"Generations\"");
        await using var app = await Keys.StartAsync();
        queries.Folder = app.DataDirectory;
        var (ann, bob) = (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));
        await app.GenerateAsync(Requests.Small(1, "a zebra"), ann);
        await app.GenerateAsync(Requests.Small(1, "a zebra"), bob);
        await app.GenerateAsync(Requests.Small(2, "a heron"), bob);
        await app.StopAsync();
        await SearchStore.CopyAsync(app, 300);
        await Damage.ExecuteAsync(app, "ANALYZE");
        await app.StartAgainAsync();
        await SearchStore.FilledAsync(app);
        var cursor = (await app.GetAsync("/generations?limit=1", bob))["next_cursor"].GetString();

        string[] lists =
        [
            "", "?status=succeeded", "?status=failed", "?model=sdxl", "?pinned=true", "?pinned=false",
            "?created_after=2020-01-01T00:00:00Z&created_before=2020-01-02T00:00:00Z", $"?cursor={cursor}",
            $"?status=succeeded&model=sdxl&pinned=false&created_after=2020-01-01T00:00:00Z&cursor={cursor}", "?q=heron",
            "?q=heron&model=sdxl&status=succeeded&pinned=false",
        ];
        foreach (var query in lists)
        {
            var before = queries.All.Count;
            Assert.Equal(200, (await app.GetAsync("/generations" + query, bob)).Status);
            await using var connection = await OpenAsync(app);
            var plans = new List<string>();
            foreach (var asked in queries.All.Skip(before))
                plans.AddRange(await asked.PlanAsync(connection, Ended));
            Assert.NotEmpty(plans);
            Assert.All(plans, line => Assert.True(IsOfTheAccount(line), $"{query}: {line}"));
        }

        static bool IsOfTheAccount(string line) =>
            !line.StartsWith("SC", StringComparison.Ordinal) && !line.StartsWith("SEARCH", StringComparison.Ordinal)
            || line.Contains("(OwnerId=", StringComparison.Ordinal) || line.Contains("(AccountId=", StringComparison.Ordinal)
            || line.Contains("(rowid=?)", StringComparison.Ordinal)
            || line.Contains("VIRTUAL TABLE", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_is_refused_while_rows_wait_for_the_index()
    {
        await using var app = await GenApiApp.StartAsync();
        using var fill = new SearchFill(
            app.Services.GetRequiredService<IDbContextFactory<GenApiDbContext>>(), app.Services.GetRequiredService<DatabaseWriter>(),
            TimeProvider.System, NullLogger<SearchFill>.Instance);

        var refused = Assert.Throws<GenApiException>(fill.ThrowIfIncomplete);

        Assert.Equal(
            (ErrorKind.StorageUnavailable, true, TimeSpan.FromSeconds(10)), (refused.Kind, refused.IsTransient, refused.RetryAfter));
    }

    private static async Task<IReadOnlyList<string>> FindAsync(GenApiApp app, string words, (string, string) key)
    {
        var page = await app.GetAsync($"/generations?q={Uri.EscapeDataString(words)}", key);
        Assert.True(page.Status == 200, page.Text);
        return PromptsOf(page);
    }

    private static IReadOnlyList<string> PromptsOf(Answer page) =>
        [.. page["data"].EnumerateArray().Select(each => each.GetProperty("input").GetProperty("prompt").GetString()!)];

    private static async Task<SqliteConnection> OpenAsync(GenApiApp app)
    {
        var connection = new SqliteConnection($"Data Source={Damage.Database(app)};Pooling=False");
        await connection.OpenAsync(Ended);
        connection.Handle!.enable_sqlite3_next_stmt(true);
        return connection;
    }
}
