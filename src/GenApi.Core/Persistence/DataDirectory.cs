using GenApi.Core.Errors;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Persistence;

/// <summary>
/// The folder with everything that must last. One process owns it at a time, by a lock that the system takes back when the process
/// dies, however it dies. So at start every lease found in the database belongs to somebody who is gone.
/// </summary>
public sealed class DataDirectory(IOptions<DatabaseOptions> options) : IDisposable
{
    private const string Key = "DataDirectory";
    private FileStream? _lock;

    public string Root { get; } = Path.GetFullPath(options.Value.DataDirectory);

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Makes the folder and takes the lock; nothing happens when this process has it already.</summary>
    /// <exception cref="SettingException">The folder can't be made or written, or another process owns it.</exception>
    public void Acquire()
    {
        if (_lock is not null)
            return;
        try
        {
            Directory.CreateDirectory(Root);
            _lock = new FileStream(PathOf("genapi.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new SettingException(Key, $"'{options.Value.DataDirectory}' can't be written by this user.", denied);
        }
        catch (IOException failure) when (Directory.Exists(Root) && File.Exists(PathOf("genapi.lock")))
        {
            throw new SettingException(Key, $"'{options.Value.DataDirectory}' is in use by another GenApi process.", failure);
        }
        catch (IOException failure)
        {
            throw new SettingException(Key, $"'{options.Value.DataDirectory}' can't be used as a folder ({failure.Message}).", failure);
        }
    }

    public void Dispose() => _lock?.Dispose();
}
