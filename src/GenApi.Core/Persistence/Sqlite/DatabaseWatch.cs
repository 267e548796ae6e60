using System.Buffers.Binary;
using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>
/// Notices when the database file is no longer ours: moved or deleted, replaced by another one, overwritten by a copy, or read-only. SQLite
/// itself keeps writing into a deleted file, and a commit there is lost. A check costs some microseconds, so there is one before each
/// transaction and each read.
/// </summary>
public sealed class DatabaseWatch : IDisposable
{
    /// <summary>The offset of the "user version" in the header: https://sqlite.org/fileformat2.html.</summary>
    private const int EpochAt = 60;

    private const int NoCheckpointOnClose = 1006;

    private string? _path;
    private FileIdentity? _file, _log;
    private SafeFileHandle? _header;
    private SqliteConnection? _keeper;
    private (int Old, int New) _epochs;
    private volatile bool _isOverwritten;
    private volatile bool _isArmed;

    /// <summary>The reason why the database may not be used; null: it may. Callers see the sentence too.</summary>
    public GenApiException? Fault => _isArmed ? Check() : null;

    /// <exception cref="GenApiException">StorageUnavailable: see <see cref="Fault"/>.</exception>
    public void Require()
    {
        if (Fault is { } fault)
            throw fault;
    }

    public void Dispose() => Close();

    /// <summary>
    /// Reads the epoch from the file, past SQLite; null where the file is too short to have one. The handle stays open to the end: see
    /// <see cref="FileIdentity"/>.
    /// </summary>
    internal int? Open(string path)
    {
        _path = path;
        if (!File.Exists(path))
            return null;
        _header ??= File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return ReadEpoch();
    }

    /// <summary>Gives the database the epoch of this start, and watches from now on.</summary>
    /// <param name="connectionString">The connection string of the database.</param>
    /// <param name="record">Stores the record for the next start.</param>
    internal void Arm(string connectionString, Action<DatabaseRecord> record)
    {
        // A connection that is never used again: while it is open, no other one closes last and removes the log.
        _keeper?.Dispose();
        _keeper = new SqliteConnection(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        _keeper.Open();
        Stamp(record);
        (_file, _log) = (FileIdentity.Of(_path!), FileIdentity.Of(LogPath));
        _isArmed = true;
    }

    /// <summary>
    /// Writes the new epoch. At any moment the file has one of the two recorded epochs, whatever part of the log has reached it. On a full
    /// disk, or where another process keeps the log from being emptied, the file keeps its epoch.
    /// </summary>
    private void Stamp(Action<DatabaseRecord> record)
    {
        var now = (int)(long)Execute("PRAGMA user_version")!;
        Expect(Open(_path!) ?? now, now, record);
        try
        {
            Execute("PRAGMA wal_checkpoint(PASSIVE)");
            if (ReadEpoch() != now)
                return;
            Expect(now, RandomNumberGenerator.GetInt32(1, int.MaxValue), record);
            Execute($"PRAGMA synchronous=FULL; PRAGMA user_version={_epochs.New}");
            Execute("PRAGMA wal_checkpoint(PASSIVE)");
            if (ReadEpoch() == _epochs.New)
                Expect(_epochs.New, _epochs.New, record);
        }
        catch (SqliteException noRoom) when (DatabaseFaults.IsLackOfRoom(noRoom))
        {
            // A full disk must not keep the service from starting.
        }
    }

    private void Expect(int old, int next, Action<DatabaseRecord> record)
    {
        _epochs = (old, next);
        record(new(old, next, false, 0, 0));
    }

    /// <summary>Closes the last connection, which moves the log into the file, unless that is no longer ours.</summary>
    /// <returns>The record for the next start; null: nothing is known.</returns>
    internal DatabaseRecord? Close()
    {
        var isOurs = _isArmed && Check() is null;
        _isArmed = false;
        if (_keeper is { } keeper)
        {
            if (!isOurs && keeper.Handle is { } handle)
                _ = raw.sqlite3_db_config(handle, NoCheckpointOnClose, 1, out _);
            keeper.Dispose();
            _keeper = null;
        }
        var record = isOurs && ReadEpoch() is { } epoch && _epochs.New == epoch && !File.Exists(LogPath)
            && new FileInfo(_path!) is { Exists: true } file
            ? new DatabaseRecord(epoch, epoch, true, file.Length, file.LastWriteTimeUtc.Ticks)
            : (DatabaseRecord?)null;
        _header?.Dispose();
        _header = null;
        return record;
    }

    internal string LogPath => _path + "-wal";

    private GenApiException? Check()
    {
        if (_isOverwritten)
            return Unusable(
                "The database was overwritten while the service used it. Stop the service, restore the right database, then start again.");
        if (FileIdentity.Of(_path!) is not { } file)
            return Unusable("The database is no longer in its folder. Bring the data folder back; nothing is accepted until then.");
        if (file != _file)
            return Unusable(
                "Another file has replaced the database. Put the old one back, or restart the service; nothing is accepted until then.");
        if (FileIdentity.Of(LogPath) != _log)
            return Unusable("The log of the database (-wal) was removed or replaced. Restart the service; nothing is accepted until then.");
        if (!FileIdentity.IsWritable(_path!))
            return Unusable("The database is read-only. Make the data folder writable again; nothing is accepted until then.");
        if (ReadEpoch() is { } epoch && (epoch == _epochs.Old || epoch == _epochs.New))
            return null;
        // For good: SQLite has pages of the old file in memory.
        _isOverwritten = true;
        return Check();
    }

    private int? ReadEpoch()
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        var isRead = _header is { IsClosed: false } header && RandomAccess.Read(header, bytes, EpochAt) == bytes.Length;
        return isRead ? BinaryPrimitives.ReadInt32BigEndian(bytes) : null;
    }

    private object? Execute(string sql)
    {
        using var command = _keeper!.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static GenApiException Unusable(string sentence) => new(ErrorKind.StorageUnavailable, sentence) { IsTransient = true };
}
