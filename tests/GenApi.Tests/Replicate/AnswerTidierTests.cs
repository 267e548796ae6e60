using System.Buffers;
using System.Text;
using System.Text.Json;
using GenApi.Core.Replicate.Api;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Tests.Replicate;

/// <summary>Input that would make an answer unreadable is repaired, wherever its pieces end.</summary>
public sealed class AnswerTidierTests
{
    [Theory]
    [InlineData("""{ "a" : [ 1 , -2.5e3 ],"b":"x\"\\y" }""", """{ "a" : [ 1 , -2.5e3 ],"b":"x\"\\y" }""")]
    [InlineData("{\n\t  \"a\"\r\n:\n1 2}", """{ "a" : 1 2}""")]
    [InlineData("""{"a":"caf\udcc3 \ud83e\udd8a \ud83e \uD83E\\ud83e"}""", """{"a":"caf\\udcc3 \ud83e\udd8a \\ud83e \\uD83E\\ud83e"}""")]
    [InlineData("{\"a\":\"one\ttwo\u001b[0m 狐\"}", """{"a":"one two [0m 狐"}""")]
    [InlineData("""{"a":"\u00e9\n\/","b":tru}""", """{"a":"\u00e9\n\/","b":tru}""")]
    [InlineData("""{"a":"x\u0000y\\u0000 \u00000"}""", """{"a":"x\\u0000y\\u0000 \\u00000"}""")]
    public void It_is_the_same_in_pieces_of_any_size(string json, string expected)
    {
        for (var size = 1; size <= 40; size++)
            Assert.Equal(expected, Tidy(Encoding.UTF8.GetBytes(json), size));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced_and_a_number_of_any_length_is_null()
    {
        var digits = Encoding.ASCII.GetBytes(new string('9', 5000));
        byte[] bytes = [.. "{\"a\":\"x"u8, 0xFF, 0xC3, .. "y\",\"n\":"u8, .. digits, .. ",\"m\":1}"u8];
        for (var size = 1; size <= 40; size++)
            Assert.Equal("{\"a\":\"x\uFFFD\uFFFDy\",\"n\":null,\"m\":1}", Tidy(bytes, size));
    }

    [Theory]
    [InlineData(58)]
    [InlineData(59)]
    [InlineData(10_000)]
    public void What_is_nested_too_deep_is_null_and_what_stands_beside_it_is_kept(int depth)
    {
        var json = $$"""{"before":"[{","deep":{{new string('[', depth)}}"]}",{"a":1}{{new string(']', depth)}},"after":1}""";

        using var read = JsonDocument.Parse(Tidy(Encoding.UTF8.GetBytes(json), 7));

        Assert.Equal(("[{", 1), (read.RootElement.GetProperty("before").GetString(), read.RootElement.GetProperty("after").GetInt32()));
        Assert.Equal(depth > 58, !read.RootElement.GetProperty("deep").GetRawText().Contains("\"a\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""\\""")]
    [InlineData("""\n""")]
    [InlineData("""\ud83e\udd8a""")]
    [InlineData("狐")]
    [InlineData("x\\\"")]
    public void A_log_of_megabytes_is_its_two_ends(string unit)
    {
        // So that every place of a unit, and of a surrogate pair in it, comes to lie at the cut.
        foreach (var shift in (int[])[0, 1, 2, 3, 5, 8, 11])
        {
            var middle = new StringBuilder().Insert(0, unit, 1_600_000 / unit.Length);
            var text = $"begin{new string('x', shift)}{middle}end";

            var read = AnswerReader.Read(
                Encoding.UTF8.GetBytes(
                    $$"""{"id":"a","error":"{{text}}","logs":"{{text}}"}"""), ReplicateJsonContext.Default.PredictionBody);

            var prediction = read!.ToPrediction()!;
            Assert.InRange(prediction.Logs!.Length, 60_000, UpstreamBounds.LogCharacters);
            Assert.EndsWith(JsonSerializer.Deserialize<string>($"\"{unit}end\"")!, prediction.Logs, StringComparison.Ordinal);
            Assert.StartsWith("begin", prediction.Error, StringComparison.Ordinal);
            Assert.InRange(prediction.Error!.Length, 1, UpstreamBounds.ErrorCharacters);
        }
    }

    [Fact]
    public void The_middle_of_a_log_is_left_out_as_it_arrives_and_inputs_and_files_are_kept()
    {
        var text = new string('x', 10_000_000);
        var json = $$"""{"logs":"{{text}}end","input":{"logs":["{{text}}"]},"error":"\ud83e{{text}}","output":"data:,{{text}}"}""";

        using var read = JsonDocument.Parse(Tidy(Encoding.UTF8.GetBytes(json), 50_000));

        var root = read.RootElement;
        Assert.InRange(root.GetProperty("logs").GetString()!.Length, 1_500_000, 2_300_000);
        Assert.EndsWith("xend", root.GetProperty("logs").GetString(), StringComparison.Ordinal);
        Assert.InRange(root.GetProperty("error").GetString()!.Length, 1_500_000, 2_300_000);
        Assert.Equal(text, root.GetProperty("input").GetProperty("logs")[0].GetString());
        Assert.Equal("data:," + text, root.GetProperty("output").GetString());
    }

    [Fact]
    public void A_mark_at_the_beginning_is_skipped_and_what_follows_the_end_is_refused()
    {
        var type = ReplicateJsonContext.Default.PredictionBody;
        Assert.Equal("a", AnswerReader.Read([0xEF, 0xBB, 0xBF, .. """{"id":"a"}"""u8], type)!.Id);
        Assert.ThrowsAny<JsonException>(() => AnswerReader.Read("""{"id":"a"}{}"""u8, type));
        Assert.ThrowsAny<JsonException>(() => AnswerReader.Read(""u8, type));
    }

    private static string Tidy(byte[] bytes, int size)
    {
        using var output = new SegmentedBuffer();
        var tidier = new AnswerTidier(output);
        var rest = Array.Empty<byte>();
        for (var at = 0; at < bytes.Length; at += size)
        {
            rest = [.. rest, .. bytes.AsSpan(at, Math.Min(size, bytes.Length - at))];
            rest = rest[tidier.Write(rest, isLast: false)..];
            Assert.InRange(rest.Length, 0, 15);
        }
        tidier.Write(rest, isLast: true);
        return Encoding.UTF8.GetString(output.ToSequence().ToArray());
    }
}
