using GenApi.Core.Blobs;
using GenApi.Core.Errors;

namespace GenApi.Core.Maintenance.Backup;

/// <summary>
/// A backup in the making, under a name of its own (<c>&lt;folder&gt;.partial</c>) until it is whole: whatever has the final name is a backup.
/// What a killed one left is cleared by the next to the same folder.
/// </summary>
internal sealed class BackupFolder : IDisposable
{
    public const string DatabaseName = "genapi.db", BlobsName = "blobs", ManifestName = "manifest.json";
    private const string Key = "backup", LockName = "backup.lock";

    private readonly DurableFiles _files;
    private readonly string _target;
    private readonly string _partial;
    private readonly FileStream _lock;

    private BackupFolder(DurableFiles files, string target, string partial, FileStream held) => (_files, _target, _partial, _lock) = (files, target, partial, held);

    public string Database => Path.Combine(_partial, DatabaseName);

    public string Manifest => Path.Combine(_partial, ManifestName);

    public string Blobs => Path.Combine(_partial, BlobsName);

    /// <summary>Of the folder that is asked for, from the root of the file system.</summary>
    public static string FullName(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <exception cref="SettingException">There is something at that place already, or it can't be written.</exception>
    public static BackupFolder Begin(DurableFiles files, string folder, string dataDirectory)
    {
        var target = FullName(folder);
        if ((target + Path.DirectorySeparatorChar).StartsWith(dataDirectory + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new SettingException(Key, $"'{folder}' lies in the data directory. A backup belongs elsewhere, best on another disk.");
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new SettingException(Key, $"'{folder}' is there already. Each backup has a folder of its own; --since <earlier backup> takes over what has not changed.");
        var partial = target + ".partial";
        FileStream held;
        try
        {
            Directory.CreateDirectory(partial);
            held = new FileStream(Path.Combine(partial, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(Key, $"'{folder}.partial' can't be written, or another backup is writing it ({failure.Message}).", failure);
        }
        var begun = new BackupFolder(files, target, partial, held);
        begun.Clear();
        Directory.CreateDirectory(begun.Blobs);
        return begun;
    }

    /// <summary>Where a blob belongs; its folder is there.</summary>
    public string HomeOf(string key)
    {
        var home = Path.Combine(Blobs, key[..2]);
        Directory.CreateDirectory(home);
        return Path.Combine(home, key);
    }

    /// <summary>Everything that was written is on the disk, and then has its final name.</summary>
    public void Finish()
    {
        foreach (var home in Directory.GetDirectories(Blobs))
            _files.FlushFolder(home);
        _files.FlushFolder(Blobs);
        _lock.Dispose();
        File.Delete(_lock.Name);
        _files.FlushFolder(_partial);
        if (Directory.Exists(_target))
            Directory.Delete(_target);
        Directory.Move(_partial, _target);
        _files.FlushFolder(Path.GetDirectoryName(_target) ?? _target);
    }

    /// <summary>It came to nothing: nothing is left of it.</summary>
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
