namespace GenApi.Core.Errors;

/// <summary>
/// A setting, or what it points at, can't be used: the process ends at start with this one sentence, which begins with the key.
/// </summary>
public sealed class SettingException(string key, string sentence, Exception? inner = null) : Exception($"{key}: {sentence}", inner)
{
    public string Key { get; } = key;
}
