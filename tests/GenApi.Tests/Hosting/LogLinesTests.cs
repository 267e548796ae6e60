using System.Globalization;
using System.Text.Json;
using GenApi.Core.Diagnostics;
using GenApi.Core.Generations;
using GenApi.Hosting.Logs;
using Serilog.Events;
using Serilog.Parsing;

namespace GenApi.Tests.Hosting;

/// <summary>The two forms of a log line.</summary>
public sealed class LogLinesTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c", Others = "11111111111111111111111111111111";

    [Fact]
    public void Strings_in_messages_have_no_quotes_in_either_form()
    {
        var line = Line(
            "Model {Model} could not be refreshed ({Code}) after {Seconds:0.0} s, of {Names}, "
            + "at {Address}: {IsLast}, {Status}, {Nothing}, {No}",
            null,
            ("Model", "me/mine"), ("Code", "upstream_timeout"), ("Seconds", 1.25), ("Names", (string[])["a", "b"]),
            ("Address", new Uri("http://localhost:8080/swagger")), ("IsLast", true), ("Status", GenerationStatus.Storing),
                ("Nothing", null));

        Assert.Equal(
            "Model me/mine could not be refreshed (upstream_timeout) after 1.3 s, of [\"a\",\"b\"], "
            + "at http://localhost:8080/swagger: true, Storing, null, {No}",
            Json(line).GetProperty("@m").GetString());
        Assert.Contains(" WRN Model me/mine could not be refreshed (upstream_timeout) after 1.3 s, ", Readable(line),
            StringComparison.Ordinal);
        Assert.Equal(("me/mine", 1.25), (Json(line).GetProperty("Model").GetString(), Json(line).GetProperty("Seconds").GetDouble()));
    }

    [Fact]
    public void The_trace_of_the_request_that_made_a_run_goes_before_the_one_in_which_a_line_was_written()
    {
        var line = Line("{GenerationId} canceled", null, (LogNames.GenerationId, "gen_1"), (LogNames.TraceId, Trace),
            (LogNames.KeyId, "key_1"));

        Assert.Equal(Trace, Json(line).GetProperty("@tr").GetString());
        Assert.False(Json(line).TryGetProperty(LogNames.TraceId, out _));
        // The line does not repeat what the message already says.
        Assert.EndsWith($" WRN gen_1 canceled trace={Trace} key=key_1{Environment.NewLine}", Readable(line), StringComparison.Ordinal);
        Assert.Equal(Others, Json(Line("nothing of the kind", null)).GetProperty("@tr").GetString());
        Assert.EndsWith($" WRN nothing of the kind trace={Others}{Environment.NewLine}", Readable(Line("nothing of the kind", null)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_others_wrote_can_not_pass_for_a_line_of_its_own()
    {
        var readable = Readable(Line("GET {Path}", null, ("Path", "/a\r\n12:00:00.000 INF all is well\u0085\u001b[2J"),
            (LogNames.Error, "one\ntwo")));

        Assert.Single(readable.TrimEnd().Split('\n', '\r', '\u0085'));
        Assert.Contains(@"GET /a\r\n12:00:00.000 INF all is well\u0085\u001b[2J trace=", readable, StringComparison.Ordinal);
        Assert.Contains(@" error=one\ntwo", readable, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_line_of_a_failure_has_all_its_causes()
    {
        var readable = Readable(Line("Output {Index} could not be kept",
            new IOException("outside", new InvalidOperationException("inside\nout")), ("Index", 0)));

        Assert.Contains(@" cause=outside < inside\nout", readable.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains("System.IO.IOException: outside", readable, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CUDA out of memory", "a red fox in the snow", "CUDA out of memory")]
    [InlineData("Prompt 'a red fox in the snow' is flagged", "a red fox in the snow", "Prompt '…' is flagged")]
    [InlineData("Near \"Red fox, in\" something went wrong", "a red fox in the snow", "Near \"…\" something went wrong")]
    [InlineData("bad words: fox!", "fox", "bad words: …!")]
    [InlineData("the fox went", "a red fox in the snow", "the fox went")]
    [InlineData("flagged: 雪の中の赤い狐です", "赤い狐", "flagged: 雪の中の…です")]
    [InlineData("nothing", "", "nothing")]
    public void An_error_is_logged_without_what_it_repeats_of_the_input(string error, string prompt, string logged) =>
        Assert.Equal(logged, UnquotedError.Of(error,
            JsonSerializer.Serialize(new { prompt, more = new { list = (object[])[1, "x y z"] } })));

    [Fact]
    public void A_long_prompt_is_looked_through_once() =>
        Assert.Equal("no …", UnquotedError.Of("no word9 word10 word11",
            JsonSerializer.Serialize(new { prompt = string.Join(' ', Enumerable.Range(0, 100_000).Select(each => $"word{each}")) })));

    private static LogEvent Line(string template, Exception? failure, params (string Name, object? Value)[] properties) => new(
        DateTimeOffset.UnixEpoch, LogEventLevel.Warning, failure, new MessageTemplateParser().Parse(template),
        properties.Select(each => new LogEventProperty(each.Name, each.Value is string[] texts
            ? new SequenceValue(texts.Select(text => new ScalarValue(text)))
            : new ScalarValue(each.Value))),
        System.Diagnostics.ActivityTraceId.CreateFromString(Others), System.Diagnostics.ActivitySpanId.CreateRandom());

    private static JsonElement Json(LogEvent line) => JsonElement.Parse(Written(LogLines.Json, line));

    private static string Readable(LogEvent line) => Written(LogLines.Readable, line);

    private static string Written(Serilog.Formatting.ITextFormatter formatter, LogEvent line)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        formatter.Format(line, text);
        return text.ToString();
    }
}
