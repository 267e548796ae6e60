using System.Collections.Concurrent;
using System.Xml;
using System.Xml.Linq;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace GenApi.Accounts.Sessions;

/// <summary>
/// Stores the keys that encrypt session cookies in the folder <c>session-keys</c> of the data directory: one file each, readable by the
/// service's user only and flushed before it counts. The platform's own repository flushes nothing, and one file that a power cut left
/// empty would keep everybody from signing in.
/// </summary>
internal sealed partial class SessionKeyFiles(DataDirectory directory, ILogger<SessionKeyFiles> logger) : IXmlRepository
{
    public const string Folder = "session-keys";

    private const string Ending = ".xml";

    /// <summary>The damaged files that a warning has named. Data protection reads all files several times in a row.</summary>
    private readonly ConcurrentDictionary<string, bool> _damaged = new(StringComparer.Ordinal);

    /// <summary>Reads all keys. A file that is not a key is skipped with a warning; its sessions have ended.</summary>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var folder = directory.PathOf(Folder);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*" + Ending).Order(StringComparer.Ordinal).Select(Read).OfType<XElement>()]
            : [];
    }

    /// <exception cref="GenApiException">StorageUnavailable: the file can't be written.</exception>
    public void StoreElement(XElement element, string friendlyName)
    {
        var folder = directory.PathOf(Folder);
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new GenApiException(
                ErrorKind.StorageUnavailable, $"The folder '{Folder}' in the data directory can't be made.", failure);
        }
        SecretFile.Replace(directory, Path.Combine(Folder, friendlyName + Ending), element.ToString());
    }

    private XElement? Read(string path)
    {
        try
        {
            return XElement.Load(path);
        }
        catch (XmlException damaged)
        {
            if (_damaged.TryAdd(path, true))
                Log.Damaged(logger, Path.Combine(Folder, Path.GetFileName(path)), damaged);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The file {File} in the data directory is damaged. Browsers that signed in with its key must sign in again")]
        public static partial void Damaged(ILogger logger, string file, Exception cause);
    }
}
