namespace GenApi.Core.Errors;

/// <summary>
/// Reports a setting that can't be used, or that points at something unusable. The start ends with this one sentence, which begins with the
/// key.
/// </summary>
public sealed class SettingException(string key, string sentence, Exception? inner = null) : Exception($"{key}: {sentence}", inner)
{
    public string Key { get; } = key;
}
