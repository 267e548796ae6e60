using System.Globalization;
using System.Text;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Gallery;

/// <summary>Tests that a row has at most 1,000 bytes and cuts no text within a character.</summary>
public sealed class ListedRowTests
{
    private const int MostBytes = 1000;

    private const string Family = "👨‍👩‍👧‍👦";

    private static readonly string[] Prompts =
    [
        new('a', 3000),
        string.Concat(Enumerable.Repeat("𠮷", 200)),
        string.Concat(Enumerable.Repeat("🦊", 5000)),
        string.Concat(Enumerable.Repeat(Family, 60)),
        new('狐', 1000),
        string.Concat(Enumerable.Repeat("a\u0301\u0308", 200)),
        "a" + new string('\u0301', 3000),
        string.Concat(Enumerable.Repeat("\"\\\n", 300)),
        string.Concat(Enumerable.Repeat("\u0001", 400)),
        new string('a', 199) + "🦊🦊",
        new string('b', 198) + Family,
    ];

    [Fact]
    public async Task Every_row_has_at_most_a_kilobyte_and_ends_between_characters()
    {
        await using var app = await Keys.StartAsync();
        var ann = Keys.Of((await app.MakeAsync("ann")).Secret);
        foreach (var (seed, prompt) in Prompts.Index())
        {
            var made = await app.GenerateAsync(Requests.Small(seed, prompt), ann);
            foreach (var tag in (string[])[.. Enumerable.Range(0, 12).Select(each => $"{each:00}{new string('狐', 62)}"), "fox"])
                await app.SendAsync(
                    HttpMethod.Put, $"/images/{Listed.ImagesOf(made)[0]}/tags/{Uri.EscapeDataString(tag)}", null, ann);
        }
        // The longest values of everything else.
        await Damage.ExecuteAsync(app, $"""
            UPDATE Generations SET Model = '{new string('m', 100)}/{new string('n', 99)}', Seed = {long.MaxValue};
            UPDATE Images SET Width = 2147483647, Height = 2147483647, ContentType = 'image/vnd.adobe.photoshop',
                ThumbHash = {app.Store.Bytes(new byte[25])};
            """);

        var page = await app.GetAsync("/images?limit=100", ann, ("Host", $"{new string('h', 50)}.example.org"));

        Assert.Equal(Prompts.Length, page["data"].GetArrayLength());
        foreach (var (row, prompt) in page["data"].EnumerateArray().Reverse().Zip(Prompts))
        {
            Assert.InRange(BytesOf(row), 700, MostBytes);
            AssertBeginning(prompt, row.GetProperty("prompt").GetString()!);
            Assert.Equal(13, row.GetProperty("tags").GetArrayLength() + row.GetProperty("more_tags").GetInt32());
            Assert.Equal(36, row.GetProperty("thumbhash").GetString()!.Length);
        }
    }

    [Fact]
    public async Task A_usual_row_has_200_characters_of_the_prompt()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1, new string('a', 250)));
        await app.GenerateAsync(Requests.Small(2, new string('b', 200)));
        await app.GenerateAsync(Requests.Small(3, "short"));
        await app.GenerateAsync(Requests.Small(4, new string('a', 199) + "🦊!"));

        var rows = await Listed.RowsAsync(app);

        Assert.Equal(
            [new string('a', 199) + "🦊", "short", new string('b', 200), new string('a', 200)],
            rows.Select(row => row.GetProperty("prompt").GetString()));
        Assert.All(rows, row => Assert.InRange(BytesOf(row), 1, MostBytes));
    }

    private static int BytesOf(JsonElement row) => Encoding.UTF8.GetByteCount(row.GetRawText());

    private static void AssertBeginning(string prompt, string shown)
    {
        Assert.StartsWith(shown, prompt, StringComparison.Ordinal);
        Assert.InRange(Characters.Count(shown), 1, 200);
        var ends = StringInfo.ParseCombiningCharacters(prompt);
        // A character that is longer than the row is cut all the same.
        if (ends.Length > 1)
            Assert.Contains(shown.Length, ends.Append(prompt.Length));
    }
}
