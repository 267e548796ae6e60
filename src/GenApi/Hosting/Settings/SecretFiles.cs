using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// Secrets that stand in files: <c>REPLICATE_API_TOKEN_FILE=/secrets/token</c> is the token that the file holds, as images of databases have it. So the secret is in no
/// environment, which a container's engine shows to whoever may inspect it.
/// </summary>
internal static class SecretFiles
{
    /// <summary>Ends the name of a setting that names a file.</summary>
    public const string Suffix = "_FILE";

    /// <summary>The settings that are secrets.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["REPLICATE_API_TOKEN", "Replicate:ApiToken", "Accounts:AdminKey", "Webhooks:SigningSecret"];

    public static bool Names(string path) => Keys.Any(key => path.Equals(key + Suffix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Without the line's end that editors add.</summary>
    /// <exception cref="SettingException">A file can't be read, or the secret is given in both ways.</exception>
    public static Dictionary<string, string?> Read(IConfiguration configuration)
    {
        var values = new Dictionary<string, string?>();
        foreach (var key in Keys)
        {
            if (configuration[key + Suffix] is not { Length: > 0 } path)
                continue;
            if (configuration[key] is { Length: > 0 })
                throw new SettingException(key + Suffix, $"{key} is set too. Set one of the two.");
            try
            {
                values[key] = File.ReadAllText(path).TrimEnd('\r', '\n');
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new SettingException(key + Suffix, $"the file '{path}' can't be read ({failure.Message}).", failure);
            }
        }
        return values;
    }
}
