using GenApi.Core.Errors;
using GenApi.Hosting;

namespace GenApi.Tests.Hosting;

public sealed class HostingRulesTests
{
    [Fact]
    public void Every_kind_of_failure_has_a_status_and_a_title()
    {
        foreach (var kind in Enum.GetValues<ErrorKind>())
        {
            Assert.InRange(ProblemTable.StatusOf(kind), 400, 507);
            Assert.NotEqual("", ProblemTable.TitleOf(kind));
        }
    }

    [Theory]
    [InlineData(405, "method_not_allowed")]
    [InlineData(406, "not_acceptable")]
    [InlineData(412, "precondition_failed")]
    [InlineData(416, "range_not_satisfiable")]
    [InlineData(404, "not_found")]
    [InlineData(413, "body_too_large")]
    [InlineData(415, "unsupported_media_type")]
    [InlineData(500, "internal_error")]
    public void A_bare_status_has_a_code(int status, string code) => Assert.Equal(code, ProblemTable.Bare(status).Code);

    [Theory]
    [InlineData("A=1", "A", "1")]
    [InlineData("  A = 1  ", "A", "1")]
    [InlineData("A=", "A", "")]
    [InlineData("A=x y # comment", "A", "x y")]
    [InlineData("A=#", "A", "")]
    [InlineData("A=x#y", "A", "x#y")]
    [InlineData("A=\"x # y\" # comment", "A", "x # y")]
    [InlineData("A='x\\n'", "A", "x\\n")]
    [InlineData("A=\"x\\n\\\"\"", "A", "x\n\"")]
    [InlineData("export A=1", "A", "1")]
    [InlineData("Replicate__MaxInFlight=5", "Replicate:MaxInFlight", "5")]
    [InlineData("A=b=c", "A", "b=c")]
    public void A_line_of_a_env_file_is_read(string line, string key, string value) => Assert.Equal(value, DotEnv.Parse([line])[key]);

    [Theory]
    [InlineData("nothing")]
    [InlineData("=1")]
    [InlineData("A=\"x")]
    [InlineData("A='x' y")]
    public void A_line_that_is_no_pair_is_told_by_its_number(string line)
    {
        var refusal = Assert.Throws<SettingException>(() => DotEnv.Parse(["", "# comment", line]));

        Assert.Contains("line 3", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("promt", "prompt")]
    [InlineData("widht", "width")]
    [InlineData("outputFormat", "output_format")]
    [InlineData("zebra", null)]
    [InlineData("x", null)]
    public void The_nearest_name_is_found(string typo, string? meant) =>
        Assert.Equal(meant, NearestName.Find(typo, ["prompt", "width", "output_format", "seed"]));

    [Theory]
    [InlineData("abc-123", "abc-123")]
    [InlineData("a b\tc", "abc")]
    [InlineData("é", "")]
    public void A_request_id_is_cleaned(string given, string kept) => Assert.Equal(kept, RequestIds.Sanitise(given));

    [Fact]
    public void A_request_id_has_at_most_128_characters() => Assert.Equal(128, RequestIds.Sanitise(new string('a', 300)).Length);

    [Fact]
    public void A_cursor_comes_back_as_it_was()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

        Assert.True(OpaqueCursor.TryDecode(OpaqueCursor.Encode(at, 42), out var read, out var number));
        Assert.Equal((at, 42), (read, number));
    }
}
