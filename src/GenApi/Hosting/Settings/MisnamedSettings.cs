using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// Finds variables that seem meant for GenApi but are not read: a token under another name, and settings with a typo in their section. The
/// environment also belongs to other programs, so GenApi only warns about them. Values are never shown.
/// </summary>
internal static class MisnamedSettings
{
    public const string TokenName = "REPLICATE_API_TOKEN";

    private const string TokenBeginning = "r8_";
    private const string Upstream = "REPLICATE", Api = "API";

    private static readonly string[] TokenEndings = ["TOKEN", "KEY", "SECRET", "AUTH", "AUTHTOKEN", "ACCESSTOKEN", "PAT"];

    /// <returns>A sentence for each variable; it begins with the variable's name.</returns>
    public static IReadOnlyList<string> Find(IConfiguration configuration, IReadOnlyCollection<string> known)
    {
        var sentences = new List<string>();
        foreach (var (path, value) in Set(configuration))
        {
            var name = path.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal);
            if (LooksLikeToken(path, value))
                sentences.Add(
                    $"{name} looks like a token of Replicate, but GenApi does not read it. GenApi reads {TokenName}.");
            else if (Nearest(path, known) is { } meant)
                sentences.Add($"{name} is set, but there is no such setting. Did you mean {meant}?");
        }
        if (configuration["ASPNETCORE_URLS"] is { Length: > 0 } others && others != configuration["Urls"])
            sentences.Add("ASPNETCORE_URLS is set, but GenApi does not read it. The address to listen on is the setting Urls.");
        return sentences;
    }

    /// <returns>The first variable that seems to hold the token; null if there is none.</returns>
    public static string? Token(IConfiguration configuration) =>
        Set(configuration).FirstOrDefault(each => LooksLikeToken(each.Key, each.Value)).Key;

    /// <summary>Lists everything that is set, except secrets under their right names.</summary>
    private static IEnumerable<(string Key, string Value)> Set(IConfiguration configuration) =>
        from each in configuration.AsEnumerable()
        where !string.IsNullOrWhiteSpace(each.Value) && !SecretFiles.Keys.Contains(each.Key, StringComparer.OrdinalIgnoreCase)
            && !SecretFiles.Names(each.Key)
        orderby each.Key
        select (each.Key, each.Value);

    private static bool LooksLikeToken(string path, string value)
    {
        if (value.Trim().Trim('"', '\'').StartsWith(TokenBeginning, StringComparison.Ordinal))
            return true;
        var plain = string.Concat(path.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        var at = plain.IndexOf(Upstream, StringComparison.Ordinal);
        if (at < 0 || path.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))
            return false;
        var rest = plain[(at + Upstream.Length)..];
        return rest == Api || TokenEndings.Contains(rest.Replace(Api, "", StringComparison.Ordinal));
    }

    /// <summary>
    /// Finds the setting that was meant by a name with sections, or by a misspelt <c>DataDirectory</c>. Any other variable may belong to
    /// another program.
    /// </summary>
    private static string? Nearest(string path, IReadOnlyCollection<string> known)
    {
        var parts = path.Split(ConfigurationPath.KeyDelimiter, 2);
        if (known.Contains(parts[0], StringComparer.OrdinalIgnoreCase))
            return null;
        var meant = parts.Length > 1 ? NearestName.Find(parts[0], known.Where(each => char.IsAsciiLetterUpper(each[0])))
            : NearestName.Find(path, ["DataDirectory"]);
        return meant is null ? null : string.Join("__", [meant, .. parts.Skip(1)]);
    }
}
