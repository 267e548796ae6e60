using System.Text;
using GenApi.Core.Errors;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Persistence.Files;

/// <summary>
/// The folder with everything that must last. One process owns it at a time, by a lock that the system releases when the process ends,
/// however it ends. So at start every lease in the database belongs to a process that has ended.
/// </summary>
public sealed class DataDirectory(IOptions<DatabaseOptions> options) : IDisposable
{
    private const string Key = "DataDirectory";
    private const string LockName = "genapi.lock";

    /// <summary>The text of the lock file once the folder has a database. It stays there when the database is lost.</summary>
    private const string Mark = "GenApi keeps its data in this folder. While this file says so, no new database is made here in place of "
        + "a lost one.\n";

    // Errors when another process holds the lock: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION.
    private static readonly int[] HeldByOthers = [11, 35, unchecked((int)0x80070020)];

    private FileStream? _lock;

    public string Root { get; } = Path.GetFullPath(options.Value.DataDirectory);

    /// <summary>The folder as the operator wrote it, for messages.</summary>
    public string Name => options.Value.DataDirectory;

    /// <summary>True if a database was ever made here, or there are images.</summary>
    public bool HasBeenUsed => _lock is { Length: > 0 } || HasBlobs;

    /// <summary>True if the folder <c>blobs</c> has files.</summary>
    public bool HasBlobs =>
        Directory.Exists(PathOf("blobs")) && Directory.EnumerateFiles(PathOf("blobs"), "*", SearchOption.AllDirectories).Any();

    /// <summary>
    /// False if the last process did not close the database: it was killed, or the machine stopped. It needs the lock.
    /// </summary>
    public bool WasClosed { get; private set; } = true;

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Makes the folder and locks it; does nothing when this process has the lock already.</summary>
    /// <exception cref="SettingException">The folder can't be made or written, or another process owns it.</exception>
    public void Acquire()
    {
        if (!TryAcquire())
            throw new SettingException(Key, $"another GenApi process uses '{Name}'. Stop it first, or choose another folder.");
    }

    /// <summary>True if a process owns the folder, this one or another. Asking makes no file.</summary>
    public bool IsOwned
    {
        get
        {
            if (_lock is not null)
                return true;
            try
            {
                // Shared with other processes that only ask; the owner's lock is exclusive.
                using var probe = new FileStream(PathOf(LockName), FileMode.Open, FileAccess.Read, FileShare.Read);
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
            WasClosed = LastRecord is not { IsClosed: false };
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

    /// <summary>Records on the disk that the folder has a database. It needs the lock.</summary>
    public void MarkUsed()
    {
        if (Lock.Length < Mark.Length)
            Write(Mark, 0);
    }

    /// <summary>Allows the next start to make a new database. It needs the lock.</summary>
    public void MarkUnused()
    {
        Lock.SetLength(0);
        Lock.Flush(flushToDisk: true);
    }

    public void Dispose() => _lock?.Dispose();

    /// <summary>The last process's record of the database; null: there is none. It needs the lock.</summary>
    internal DatabaseRecord? LastRecord
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

    /// <summary>Writes a record to the disk and marks the folder as used. It needs the lock.</summary>
    internal void Record(DatabaseRecord record)
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
