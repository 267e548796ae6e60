using System.Text;
using GenApi.Core.Errors;

namespace GenApi.Core.Persistence.Files;

/// <summary>
/// A secret of ours in a file of its own beside the database, made at first start and readable by the service's user alone: so it is in no row, no log and
/// no copy of the database.
/// </summary>
internal static class SecretFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="directory">Where it is.</param>
    /// <param name="name">Of the file.</param>
    /// <param name="section">Of the settings, for sentences.</param>
    /// <param name="make">A new secret, as ASCII text.</param>
    /// <exception cref="SettingException">It can't be read or made.</exception>
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
            throw new SettingException(section, $"the file '{name}' in the data directory can't be read or made ({failure.Message}).", failure);
        }
    }

    /// <summary>Under another name first: a start that is killed leaves no half of a secret.</summary>
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
        File.Move(temporary, path);
    }
}
