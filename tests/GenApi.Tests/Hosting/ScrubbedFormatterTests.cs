using System.Globalization;
using GenApi.Core.Accounts;
using GenApi.Core.Diagnostics;
using GenApi.Hosting.Logs;
using Serilog.Events;
using Serilog.Parsing;

namespace GenApi.Tests.Hosting;

public sealed class ScrubbedFormatterTests
{
    private const string Setting = "a secret of the settings";
    private static readonly string Key = KeySecret.Make();
    private static readonly string Webhook = "whsec_" + Convert.ToBase64String(new byte[24]);

    [Fact]
    public void No_part_of_a_line_keeps_a_secret()
    {
        var failure = new InvalidOperationException($"outside {Key}", new HttpRequestException($"inside {GenApiApp.Token}"));
        var template = new MessageTemplateParser().Parse($"{Setting} {{Header}}");
        LogEventProperty[] properties =
        [
            new("Header", new ScalarValue($"Bearer {Key}")),
            new("Scope",
                new SequenceValue([new ScalarValue(Webhook), new StructureValue([new("Inner", new ScalarValue(GenApiApp.Token))])])),
        ];
        using var line = new StringWriter(CultureInfo.InvariantCulture);

        new ScrubbedFormatter(LogLines.Json, [Setting, "", null]).Format(
            new LogEvent(DateTimeOffset.UnixEpoch, LogEventLevel.Error, failure, template, properties), line);

        var text = line.ToString();
        Assert.All((string[])[Key, GenApiApp.Token, Webhook, Setting],
            secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.Contains("Bearer genapi_…", text, StringComparison.Ordinal);
        Assert.Contains("inside r8_…", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_secret_stays_as_it_is_and_is_not_even_copied()
    {
        var prefix = $"the key {Key[..KeySecret.PrefixLength]} of a folder/r8_x and whsec_ alone";
        const string Plain = "nothing of the kind";

        Assert.Equal(prefix, SecretText.Scrub(prefix));
        Assert.Same(Plain, SecretText.Scrub(Plain));
    }
}
