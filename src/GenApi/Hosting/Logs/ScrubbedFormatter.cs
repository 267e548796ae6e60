using System.Data.Common;
using GenApi.Core.Diagnostics;
using GenApi.Hosting.Settings;
using Serilog.Events;
using Serilog.Formatting;

namespace GenApi.Hosting.Logs;

/// <summary>
/// Removes secrets from a log line as the last step: everything that looks like a secret, and the secrets of the settings. It covers
/// message, properties and exceptions. GenApi logs no secret itself, but foreign text gets into exceptions.
/// </summary>
/// <param name="inner">Formats the line.</param>
/// <param name="secrets">The secrets of the settings; empty ones are skipped.</param>
internal sealed class ScrubbedFormatter(ITextFormatter inner, IEnumerable<string?> secrets) : ITextFormatter
{
    private const int ShortestSecret = 8;

    private readonly string[] _secrets = [.. secrets.OfType<string>().Where(each => each.Length >= ShortestSecret).Distinct()];

    /// <summary>Lists the secrets of the settings, and the password within the connection string.</summary>
    public static IEnumerable<string?> SecretsOf(IConfiguration configuration) =>
        SecretFiles.Keys.Select(key => configuration[key]).Append(PasswordIn(configuration["Database:ConnectionString"]));

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        inner.Format(logEvent, line);
        output.Write(Scrub(line.ToString()));
    }

    private static string? PasswordIn(string? connectionString)
    {
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
            return parts.TryGetValue("Password", out var password) || parts.TryGetValue("Pwd", out password) ? password as string : null;
        }
        catch (ArgumentException)
        {
            // The start refuses it, and does not show it.
            return null;
        }
    }

    private string Scrub(string line)
    {
        foreach (var secret in _secrets)
            line = line.Replace(secret, "…", StringComparison.Ordinal);
        return SecretText.Scrub(line);
    }
}
