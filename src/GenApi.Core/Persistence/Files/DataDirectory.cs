using System.Text;
using GenApi.Core.Errors;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Persistence.Files;

/// <summary>
/// The folder with everything that must last. One process owns it at a time, by a lock that the system takes back when the process
/// dies, however it dies. So at start every lease found in the database belongs to somebody who is gone.
/// </summary>
public sealed class DataDirectory(IOptions<DatabaseOptions> options) : IDisposable
{
    private const string Key = "DataDirectory";
    private const string LockName = "genapi.lock";

    /// <summary>What the lock file says once the folder has a database. It stays there when the database is lost.</summary>
    private const string Mark = "GenApi keeps its data in this folder. While this file says so, no new database is made here in place of a lost one.\n";

    // What the system says when somebody else holds the lock: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION.
    private static readonly int[] HeldByOthers = [11, 35, unchecked((int)0x80070020)];

    private FileStream? _lock;

    public string Root { get; } = Path.GetFullPath(options.Value.DataDirectory);

    /// <summary>As the operator wrote it, for sentences.</summary>
    public string Name => options.Value.DataDirectory;

    /// <summary>Whether a database was ever made here, or pictures lie here.</summary>
    public bool HasBeenUsed => _lock is { Length: > 0 } || HasPictures;

    /// <summary>Whether the folder <c>blobs</c> holds anything.</summary>
    public bool HasPictures =>
        Directory.Exists(PathOf("blobs")) && Directory.EnumerateFiles(PathOf("blobs"), "*", SearchOption.AllDirectories).Any();

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Makes the folder and takes the lock; nothing happens when this process has it already.</summary>
    /// <exception cref="SettingException">The folder can't be made or written, or another process owns it.</exception>
    public void Acquire()
    {
        if (!TryAcquire())
            throw new SettingException(Key, $"'{Name}' is in use by another GenApi process.");
    }

    /// <summary>Whether a process owns the folder, this one or another. Nothing is made for the question.</summary>
    public bool IsOwned
    {
        get
        {
            if (_lock is not null)
                return true;
            try
            {
                // Shared with others who only ask; the owner's lock is not shared with anybody.
                using var look = new FileStream(PathOf(LockName), FileMode.Open, FileAccess.Read, FileShare.Read);
                return false;
            }
            catch (IOException held) when (HeldByOthers.Contains(held.HResult))
            {
                return true;
            }
            catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    /// <inheritdoc cref="Acquire"/>
    /// <returns>False when another process owns it.</returns>
    public bool TryAcquire()
    {
        if (_lock is not null)
            return true;
        try
        {
            Directory.CreateDirectory(Root);
            _lock = new FileStream(PathOf(LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new SettingException(Key, $"'{Name}' can't be written by this user.", denied);
        }
        catch (IOException held) when (HeldByOthers.Contains(held.HResult))
        {
            return false;
        }
        catch (IOException failure)
        {
            throw new SettingException(Key, $"'{Name}' can't be used as a folder to write to ({failure.Message}).", failure);
        }
    }

    /// <summary>The folder has a database from now on; on the disk when this returns. Needs the lock.</summary>
    public void MarkUsed()
    {
        if (Lock.Length < Mark.Length)
            Write(Mark, 0);
    }

    /// <summary>The next start may make a new database. Needs the lock.</summary>
    public void MarkUnused()
    {
        Lock.SetLength(0);
        Lock.Flush(flushToDisk: true);
    }

    public void Dispose() => _lock?.Dispose();

    /// <summary>What the last process wrote down about the database; null: nothing. Needs the lock.</summary>
    internal DatabaseRecord? Record
    {
        get
        {
            if (Lock.Length <= Mark.Length)
                return null;
            var text = new byte[Lock.Length - Mark.Length];
            Lock.Position = Mark.Length;
            return DatabaseRecord.Parse(Encoding.ASCII.GetString(text, 0, Lock.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)));
        }
    }

    /// <summary>On the disk when this returns. Marks the folder as used. Needs the lock.</summary>
    internal void WriteDown(DatabaseRecord record)
    {
        MarkUsed();
        Write(record.ToString(), Mark.Length);
    }

    private FileStream Lock => _lock ?? throw new InvalidOperationException("The lock is not held.");

    private void Write(string text, long at)
    {
        Lock.Position = at;
        Lock.Write(Encoding.ASCII.GetBytes(text));
        Lock.Flush(flushToDisk: true);
    }
}
