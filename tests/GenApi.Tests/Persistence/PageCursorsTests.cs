using System.Buffers.Text;
using GenApi.Core.Persistence;
using GenApi.Tests.Generations;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Persistence;

/// <summary>Cursors of lists.</summary>
public sealed class PageCursorsTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public async Task A_cursor_comes_back_as_it_was_after_a_restart_too_and_no_other_service_takes_it()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        var made = await app.GenerateAsync(Requests.Small(2));
        var cursor = (await app.GetAsync("/generations?limit=1"))["next_cursor"].GetString()!;
        await app.RestartAsync();

        Assert.Equal(1, (await app.GetAsync($"/generations?cursor={cursor}"))["data"].GetArrayLength());
        Assert.True(CursorsOf(app).TryDecode(cursor, out var at, out var number));
        Assert.Equal((made["created_at"].GetDateTimeOffset(), 2), (at, number));
        await using var other = await GenApiApp.StartAsync();
        var refused = await other.GetAsync($"/generations?cursor={cursor}");
        Assert.Equal(
            (400, "'cursor' must be the next_cursor of an earlier page."), (refused.Status, refused["errors", "cursor"][0].GetString()));
    }

    [Fact]
    public async Task A_cursor_tells_neither_the_number_of_a_row_nor_how_far_two_are_apart()
    {
        await using var app = await GenApiApp.StartAsync();
        var cursors = CursorsOf(app);
        var made = Enumerable.Range(1, 64).Select(number => Base64Url.DecodeFromChars(cursors.Encode(At, number))).ToList();

        // The cursors of neighbours differ in about half of all bits, at any position.
        foreach (var place in Enumerable.Range(0, 16))
            Assert.InRange(made.Select(bytes => bytes[place]).Distinct().Count(), 40, 64);
        foreach (var number in (long[])[0, 1, 1L << 38])
        {
            Assert.True(cursors.TryDecode(cursors.Encode(At, number), out var at, out var read));
            Assert.Equal((At, number), (at, read));
        }
        foreach (var wrong in (string[])["", "x", new('A', 22), new('A', 33), cursors.Encode(At, 1)[..21],
            "=" + cursors.Encode(At, 1)[1..]])
            Assert.False(cursors.TryDecode(wrong, out _, out _), wrong);
    }

    private static PageCursors CursorsOf(GenApiApp app) => app.Services.GetRequiredService<PageCursors>();
}
