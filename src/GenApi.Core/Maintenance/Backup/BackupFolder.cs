using GenApi.Core.Blobs;
using GenApi.Core.Errors;

namespace GenApi.Core.Maintenance.Backup;

/// <summary>
/// A backup in the making. It has the name <c>&lt;folder&gt;.partial</c> until it is whole, so every folder with the final name is a
/// complete backup. The next backup to the same folder clears what a killed one left.
/// </summary>
internal sealed class BackupFolder : IDisposable
{
    public const string DatabaseName = "genapi.db", BlobsName = "blobs", ManifestName = "manifest.json";
    private const string Key = "backup", LockName = "backup.lock";

    private readonly DurableFiles _files;
    private readonly string _target;
    private readonly string _partial;
    private readonly FileStream _lock;

    private BackupFolder(DurableFiles files, string target, string partial, FileStream held) =>
        (_files, _target, _partial, _lock) = (files, target, partial, held);

    public string Database => Path.Combine(_partial, DatabaseName);

    public string Manifest => Path.Combine(_partial, ManifestName);

    public string Blobs => Path.Combine(_partial, BlobsName);

    /// <summary>The full path of the requested folder.</summary>
    public static string FullName(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>Begins a backup in an empty partial folder, which it locks.</summary>
    /// <exception cref="SettingException">The folder exists already and is not empty, or it can't be written.</exception>
    public static BackupFolder Begin(DurableFiles files, string folder, string dataDirectory)
    {
        var target = FullName(folder);
        if ((target + Path.DirectorySeparatorChar).StartsWith(dataDirectory + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new SettingException(Key, $"'{folder}' is inside the data directory. Choose another place, best on another disk.");
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new SettingException(
                Key, $"'{folder}' exists already. Each backup needs its own folder; --since <earlier backup> shares what has not changed.");
        }
        var partial = target + ".partial";
        FileStream held;
        try
        {
            Directory.CreateDirectory(partial);
            held = new FileStream(Path.Combine(partial, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(
                Key, $"'{folder}.partial' can't be written, or another backup is writing it ({failure.Message}).", failure);
        }
        var begun = new BackupFolder(files, target, partial, held);
        begun.Clear();
        Directory.CreateDirectory(begun.Blobs);
        return begun;
    }

    /// <summary>Returns the path of a blob and makes its folder.</summary>
    public string PathOf(string key)
    {
        var parent = Path.Combine(Blobs, key[..2]);
        Directory.CreateDirectory(parent);
        return Path.Combine(parent, key);
    }

    /// <summary>Flushes everything to the disk, then gives the folder its final name.</summary>
    public void Finish()
    {
        foreach (var parent in Directory.GetDirectories(Blobs))
            _files.FlushFolder(parent);
        _files.FlushFolder(Blobs);
        _lock.Dispose();
        File.Delete(_lock.Name);
        _files.FlushFolder(_partial);
        if (Directory.Exists(_target))
            Directory.Delete(_target);
        Directory.Move(_partial, _target);
        _files.FlushFolder(Path.GetDirectoryName(_target) ?? _target);
    }

    /// <summary>Removes all of a failed backup.</summary>
    public void Abandon()
    {
        Clear();
        _lock.Dispose();
        Directory.Delete(_partial, recursive: true);
    }

    public void Dispose() => _lock.Dispose();

    private void Clear()
    {
        foreach (var folder in Directory.GetDirectories(_partial))
            Directory.Delete(folder, recursive: true);
        foreach (var file in Directory.GetFiles(_partial).Where(file => Path.GetFileName(file) != LockName))
            File.Delete(file);
    }
}
