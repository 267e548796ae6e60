using System.Diagnostics;
using System.Globalization;
using System.Text;
using GenApi.Core.Diagnostics;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;
using Serilog.Formatting.Json;
using Serilog.Parsing;

namespace GenApi.Hosting.Logs;

/// <summary>
/// The two forms of a log line. Both show strings in the message without quotes, and the trace of the request that the line belongs to,
/// even if a worker wrote it much later.
/// </summary>
internal static class LogLines
{
    // For lists and objects.
    private static readonly JsonValueFormatter Structures = new(typeTagName: null);

    /// <summary>JSON: <c>@t</c>, <c>@m</c>, <c>@l</c> if not Information, <c>@x</c>, <c>@tr</c> and the properties by name.</summary>
    public static ITextFormatter Json { get; } = new JsonLine();

    /// <summary>
    /// One readable line. It ends with the ids that it belongs to and the cause of a failure. Only a stack trace takes further lines.
    /// </summary>
    public static ITextFormatter Readable { get; } = new ReadableLine();

    /// <summary>Renders the message, with strings as they are.</summary>
    public static string MessageOf(LogEvent line)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        foreach (var token in line.MessageTemplate.Tokens)
        {
            if (token is PropertyToken named && line.Properties.TryGetValue(named.PropertyName, out var value))
                Write(text, value, named.Format);
            else
                token.Render(line.Properties, text, CultureInfo.InvariantCulture);
        }
        return text.ToString();
    }

    /// <summary>
    /// Writes a value without quotes. Serilog's <c>:lj</c> does so for strings, but not for addresses, ids, times and enum values.
    /// </summary>
    private static void Write(StringWriter text, LogEventPropertyValue value, string? format)
    {
        if (value is not ScalarValue { Value: { } scalar })
        {
            Structures.Format(value, text);
            return;
        }
        text.Write(scalar switch
        {
            bool yes => yes ? "true" : "false",
            DateTimeOffset at => at.ToString(format ?? "O", CultureInfo.InvariantCulture),
            IFormattable other => other.ToString(format, CultureInfo.InvariantCulture),
            _ => scalar.ToString(),
        });
    }

    private static string? Text(LogEvent line, string name) =>
        line.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string { Length: > 0 } text } ? text : null;

    private static string? TraceOf(LogEvent line) =>
        Text(line, LogNames.TraceId) is { Length: 32 } own && own.All(char.IsAsciiHexDigitLower) ? own : line.TraceId?.ToHexString();

    private sealed class JsonLine : ITextFormatter
    {
        private readonly RenderedCompactJsonFormatter _inner = new();

        public void Format(LogEvent logEvent, TextWriter output)
        {
            // The template's text stays, because the id of the line's kind (@i) is computed from it.
            var template = new MessageTemplate(logEvent.MessageTemplate.Text, [new TextToken(MessageOf(logEvent))]);
            var trace = TraceOf(logEvent) is { } own ? ActivityTraceId.CreateFromString(own) : default;
            var properties = logEvent.Properties.Where(each => each.Key != LogNames.TraceId)
                .Select(each => new LogEventProperty(each.Key, each.Value));
            var span = logEvent.SpanId ?? default;
            _inner.Format(new LogEvent(logEvent.Timestamp, logEvent.Level, logEvent.Exception, template, properties, trace, span), output);
        }
    }

    private sealed class ReadableLine : ITextFormatter
    {
        private const int MostCauses = 5;

        private static readonly MessageTemplateTextFormatter Head =
            new("{Timestamp:HH:mm:ss.fff} {Level:u3} ", CultureInfo.InvariantCulture);

        public void Format(LogEvent logEvent, TextWriter output)
        {
            Head.Format(logEvent, output);
            var message = MessageOf(logEvent);
            output.Write(OnOneLine(message));
            Write(output, message, "trace", TraceOf(logEvent));
            Write(output, message, "generation", Text(logEvent, LogNames.GenerationId));
            Write(output, message, "key", Text(logEvent, LogNames.KeyId));
            Write(output, message, "members", Text(logEvent, LogNames.Members));
            Write(output, message, "detail", Text(logEvent, "Detail"));
            Write(output, message, "error", Text(logEvent, LogNames.Error));
            Write(output, message, "cause", Causes(logEvent.Exception));
            output.WriteLine();
            if (logEvent.Exception is { } failure)
                output.WriteLine(failure);
        }

        private static void Write(TextWriter output, string message, string name, string? value)
        {
            if (value is null || message.Contains(value, StringComparison.Ordinal))
                return;
            output.Write(' ');
            output.Write(name);
            output.Write('=');
            output.Write(OnOneLine(value));
        }

        /// <summary>
        /// Joins the messages of a failure from the outside in. A search by an id finds this line, but not the stack trace below.
        /// </summary>
        private static string? Causes(Exception? failure)
        {
            var causes = new List<string>();
            for (; failure is not null && causes.Count < MostCauses; failure = failure.InnerException)
            {
                if (!causes.Contains(failure.Message))
                    causes.Add(failure.Message);
            }
            return causes.Count == 0 ? null : string.Join(" < ", causes);
        }

        /// <summary>Escapes control characters, so that foreign text can't look like a separate line.</summary>
        private static string OnOneLine(string text)
        {
            if (!text.Any(char.IsControl))
                return text;
            var plain = new StringBuilder(text.Length + 8);
            foreach (var each in text)
            {
                _ = each switch
                {
                    '\n' => plain.Append("\\n"),
                    '\r' => plain.Append("\\r"),
                    '\t' => plain.Append("\\t"),
                    _ when char.IsControl(each) => plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)each:x4}"),
                    _ => plain.Append(each),
                };
            }
            return plain.ToString();
        }
    }
}
