using System.Text;
using GenApi.Core.Errors;

namespace GenApi.Core.Persistence.Files;

/// <summary>
/// Reads one of our secrets from a separate file next to the database. The first start makes it, readable by the service's user only. So
/// the secret is in no row, no log and no copy of the database.
/// </summary>
internal static class SecretFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the secret, and makes it where there is none.</summary>
    /// <param name="directory">The folder of the file.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="section">The section of the settings, for messages.</param>
    /// <param name="make">Makes a new secret, as ASCII text.</param>
    /// <exception cref="SettingException">The file can't be read or made.</exception>
    public static string ReadOrMake(DataDirectory directory, string name, string section, Func<string> make)
    {
        var path = directory.PathOf(name);
        try
        {
            if (!File.Exists(path))
                Write(path, make());
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(
                section, $"the file '{name}' in the data directory can't be read or made ({failure.Message}).", failure);
        }
    }

    /// <summary>Replaces the secret, and makes it where there is none. Readers see the old one or the new one, never half of it.</summary>
    /// <param name="directory">The folder of the file.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="secret">The new secret, as ASCII text.</param>
    /// <exception cref="GenApiException">StorageUnavailable: the file can't be written; the old secret stays.</exception>
    public static void Replace(DataDirectory directory, string name, string secret)
    {
        try
        {
            Write(directory.PathOf(name), secret);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new GenApiException(
                ErrorKind.StorageUnavailable, $"The file '{name}' in the data directory can't be replaced. The old secret stays.", failure);
        }
    }

    /// <summary>Writes under another name first, so that a killed process leaves no half secret.</summary>
    private static void Write(string path, string secret)
    {
        var temporary = path + ".tmp";
        var file = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            file.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(temporary, file))
        {
            stream.Write(Encoding.ASCII.GetBytes(secret + "\n"));
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
