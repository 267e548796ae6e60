using GenApi.Tests.Generations;

namespace GenApi.Tests.Persistence;

/// <summary>The search gives the same answers on both engines: one table of prompts, queries and what they find.</summary>
public sealed class SameSearchTests
{
    private static readonly string[] Prompts =
    [
        "A red fox in the snow", "foxglove, macro, f/1.8", "red-fox logo", "Ein Fuchs im Schnee, Größe XL", "un renard à l'orée, déjà vu",
        "雪の中の赤い狐", "赤狐", "여우가 눈밭에 있다", "ｆｕｌｌ－ｗｉｄｔｈ ＦＯＸ", "emoji 🦊 fox", "50% off 'fox' \\ \"quoted\" & | ! <-> : *",
        "snow snow snow", "Ελληνική αλεπού",
    ];

    /// <summary>A search and the places of the prompts that it finds.</summary>
    public static TheoryData<string, int[]> Queries => new()
    {
        { "fox", [0, 1, 2, 8, 9, 10] },
        { "FOX", [0, 1, 2, 8, 9, 10] },
        { "foxg", [1] },
        { "red fox", [0, 2] },
        { "red-fox", [0, 2] },
        { "fox-red", [] },
        { "f/1.8", [1] },
        { "-fox", [0, 1, 2, 8, 9, 10] },
        { "fox | snow", [0] },
        { "'fox' & !", [0, 1, 2, 8, 9, 10] },
        { "fo'x", [] },
        { "\\", [] },
        { "grosse", [] },
        { "größe", [3] },
        { "grö", [3] },
        { "gro", [3] },
        { "deja", [4] },
        { "déjà vu", [4] },
        { "oree", [4] },
        { "赤い狐", [5] },
        { "赤", [5, 6] },
        { "狐", [5, 6] },
        { "中の赤", [5] },
        { "赤狐", [6] },
        { "여우", [7] },
        { "눈밭에", [7] },
        { "full-width", [8] },
        { "🦊", [9] },
        { "50%", [10] },
        { "snow", [0, 11] },
        { "sno snow", [0, 11] },
        { "αλεπου", [12] },
        { "_red", [0, 2] },
        { "0_red", [] },
        { ":*", [] },
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_engines_find_the_same(bool onPostgres)
    {
        await using var house = onPostgres ? await PostgresHouse.StartAsync() : null;
        await using var file = onPostgres ? null : await GenApiApp.StartAsync(new() { ["Database:Provider"] = "sqlite" });
        var app = house?.App ?? file!;
        var ids = new List<string>();
        foreach (var prompt in Prompts)
            ids.Add((await app.GenerateAsync(Requests.Unseeded(prompt))).Id);

        var wrong = new List<string>();
        foreach (var query in Queries)
        {
            var (words, places) = query.Data;
            var found = await app.GetAsync($"/generations?q={Uri.EscapeDataString(words)}&limit=50");
            Assert.True(found.Status == 200, $"{words}: {found.Text}");
            var at = found["data"].EnumerateArray().Select(each => ids.IndexOf(each.GetProperty("id").GetString()!)).Order().ToList();
            if (!at.SequenceEqual(places))
                wrong.Add($"{words}: {string.Join(' ', at)}");
        }
        Assert.Empty(wrong);
    }
}
