using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// Reads the settings of a command line in the forms of .NET's configuration (<c>--Key=value</c>, <c>--Key value</c>, <c>/Key value</c>,
/// <c>Key=value</c>). An argument that the configuration would silently ignore ends the start.
/// </summary>
internal static class Switches
{
    private const string Form = "Settings are given as --Name=value; --help lists more.";

    /// <returns>The names of the settings in their order, each as written and as the configuration knows it.</returns>
    /// <exception cref="SettingException">An argument is not a setting, or has no value.</exception>
    public static List<(string Written, string Key)> Read(ReadOnlySpan<string> args)
    {
        var names = new List<(string Written, string Key)>();
        for (var at = 0; at < args.Length; at++)
        {
            var equals = args[at].IndexOf('=', StringComparison.Ordinal);
            var written = equals < 0 ? args[at] : args[at][..equals];
            var key = written.StartsWith("--", StringComparison.Ordinal) ? written[2..] : written.StartsWith('/') ? written[1..] : written;
            if (key.Length == 0 || key.StartsWith('-') || (equals < 0 && key.Length == written.Length))
                throw new SettingException(written, $"there is no such option. {Form}");
            names.Add((written, key));
            if (equals >= 0)
                continue;
            if (++at >= args.Length || args[at].StartsWith("--", StringComparison.Ordinal))
                throw new SettingException(written, $"its value is missing. {Form}");
        }
        return names;
    }
}
