using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.Verbs;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Hosting;

/// <summary>The progress line of a long verb, with a fake clock.</summary>
public sealed class ProgressLineTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _shown = new() { NewLine = "\n" };

    public void Dispose() => _shown.Dispose();

    [Fact]
    public void In_a_pipe_there_is_a_line_after_three_seconds_and_then_every_ten()
    {
        using (var progress = new ProgressLine(_shown, null, _time))
        {
            progress.Report(new("checking the database"));
            Pass(2.8);
            Assert.Equal("", _shown.ToString());
            Pass(0.4);
            progress.Report(new("keeping blobs", 1234, 4000));
            Pass(5);
            Assert.Equal("checking the database, 3 s\n", _shown.ToString());
            Pass(60);
        }
        Pass(60);

        var lines = _shown.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(7, lines.Length);
        Assert.Equal("keeping blobs: 1,234 of 4,000 (30 %), 13 s", lines[1]);
        Assert.Equal("keeping blobs: 1,234 of 4,000 (30 %), 1 min 3 s", lines[^1]);
        Assert.DoesNotContain('\r', _shown.ToString());
    }

    [Fact]
    public void On_a_terminal_one_line_is_written_over_and_taken_away_at_the_end()
    {
        using (var progress = new ProgressLine(_shown, 40, _time))
        {
            progress.Report(new("keeping blobs", 1, 4));
            Assert.Equal("", _shown.ToString());
            Pass(1);
            progress.Report(new("sealing"));
            Pass(1);
        }

        var states = _shown.ToString().Split('\r', StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain('\n', _shown.ToString());
        Assert.Equal("keeping blobs: 1 of 4 (25 %), 0 s", states[0]);
        // A longer text before leaves no characters behind.
        Assert.Contains("sealing, 1 s".PadRight(states[0].Length), states);
        Assert.Equal("", states[^1].Trim());
    }

    [Fact]
    public void A_line_is_never_as_wide_as_the_terminal_and_what_ends_at_once_shows_nothing()
    {
        using (var quick = new ProgressLine(_shown, 80, _time))
            quick.Report(new("keeping blobs", 4, 4));
        Assert.Equal("", _shown.ToString());

        using var progress = new ProgressLine(_shown, 20, _time);
        progress.Report(new("looking for bytes without a row"));
        Pass(30);

        Assert.All(_shown.ToString().Split('\r'), state => Assert.InRange(state.Length, 0, 19));
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1_300_000_000, "1.2 GiB")]
    [InlineData(500L << 30, "500 GiB")]
    [InlineData(long.MaxValue, "8388608 TiB")]
    public void Sizes_are_told_in_a_unit_that_people_read(long bytes, string text) => Assert.Equal(text, ByteSize.Measured(bytes));

    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(11_400, "3 h 10 min")]
    [InlineData(352_800, "4 d 2 h")]
    public void Times_are_told_in_their_two_largest_units(double seconds, string text) =>
        Assert.Equal(text, Quantities.Duration(TimeSpan.FromSeconds(seconds)));

    /// <summary>Advances the clock in steps of the timer.</summary>
    private void Pass(double seconds)
    {
        for (var left = TimeSpan.FromSeconds(seconds); left > TimeSpan.Zero; left -= ProgressLine.EachOnTerminal)
            _time.Advance(left < ProgressLine.EachOnTerminal ? left : ProgressLine.EachOnTerminal);
    }
}
