using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// Reads secrets from files, as container images of databases do: <c>REPLICATE_API_TOKEN_FILE=/secrets/token</c> names a file that holds
/// the token. The secret then stays out of the environment, which a container engine shows to anyone who may inspect the container.
/// </summary>
internal static class SecretFiles
{
    /// <summary>The ending of a setting that names a file.</summary>
    public const string Suffix = "_FILE";

    /// <summary>The settings that are secrets.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "REPLICATE_API_TOKEN", "Replicate:ApiToken", "Accounts:AdminKey", "Webhooks:SigningSecret", "Cluster:SecretKey",
        "Database:ConnectionString", "Blobs:S3:SecretKey",
    ];

    /// <summary>Says whether a key is the name of a secret with <see cref="Suffix"/>.</summary>
    public static bool Names(string path) => Keys.Any(key => path.Equals(key + Suffix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads the secrets whose files are named, without the line break that editors add.</summary>
    /// <exception cref="SettingException">A file can't be read, or a secret is set in both ways.</exception>
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
