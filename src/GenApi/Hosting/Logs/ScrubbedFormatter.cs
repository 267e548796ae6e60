using GenApi.Core.Diagnostics;
using GenApi.Hosting.Settings;
using Serilog.Events;
using Serilog.Formatting;

namespace GenApi.Hosting.Logs;

/// <summary>
/// The last step before a log line leaves: takes out of the whole line, message, properties and exceptions alike, whatever looks like a secret, and the secrets of the
/// settings whatever they look like. Nothing of ours logs one; but what others write gets into exceptions.
/// </summary>
/// <param name="inner">Makes the line.</param>
/// <param name="secrets">Of the settings; empty ones are passed over.</param>
internal sealed class ScrubbedFormatter(ITextFormatter inner, IEnumerable<string?> secrets) : ITextFormatter
{
    private const int ShortestSecret = 8;

    private readonly string[] _secrets = [.. secrets.OfType<string>().Where(each => each.Length >= ShortestSecret).Distinct()];

    /// <summary>The secrets that settings may hold.</summary>
    public static IEnumerable<string?> SecretsOf(IConfiguration configuration) => SecretFiles.Keys.Select(key => configuration[key]);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        inner.Format(logEvent, line);
        output.Write(Scrub(line.ToString()));
    }

    private string Scrub(string line)
    {
        foreach (var secret in _secrets)
            line = line.Replace(secret, "…", StringComparison.Ordinal);
        return SecretText.Scrub(line);
    }
}
