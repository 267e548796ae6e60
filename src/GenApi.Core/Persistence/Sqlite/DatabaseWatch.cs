using System.Buffers.Binary;
using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>
/// Notices that the database file is not ours any more: moved or deleted, another one in its place, written over by a copy, or read-only.
/// SQLite itself goes on
/// writing into a file that has no name any more, and a commit there is lost. A look costs some microseconds, so there is one before each
/// transaction and each reading.
/// </summary>
public sealed class DatabaseWatch : IDisposable
{
    /// <summary>Of the header: https://sqlite.org/fileformat2.html, "user version".</summary>
    private const int EpochAt = 60;

    private const int NoCheckpointOnClose = 1006;

    private string? _path;
    private FileIdentity? _file, _log;
    private SafeFileHandle? _header;
    private SqliteConnection? _keeper;
    private (int Old, int New) _epochs;
    private volatile bool _isSpoilt;
    private volatile bool _isArmed;

    /// <summary>Why the database may not be used; null: it may. The sentence is for callers, too.</summary>
    public GenApiException? Fault => _isArmed ? Look() : null;

    /// <exception cref="GenApiException">StorageUnavailable: see <see cref="Fault"/>.</exception>
    public void Require()
    {
        if (Fault is { } fault)
            throw fault;
    }

    public void Dispose() => Close();

    /// <summary>
    /// The epoch in the file, past SQLite; null: the file is too short to have one. The handle stays open to the end: see
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
    /// <param name="connectionString">Of the database.</param>
    /// <param name="record">Keeps what the next start wants to know.</param>
    internal void Arm(string connectionString, Action<DatabaseRecord> record)
    {
        // One connection that is never used again: while it is open, nobody takes the log away as the last to close.
        _keeper?.Dispose();
        _keeper = new SqliteConnection(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        _keeper.Open();
        Stamp(record);
        (_file, _log) = (FileIdentity.Of(_path!), FileIdentity.Of(LogPath));
        _isArmed = true;
    }

    /// <summary>
    /// At any moment the file has one of the two epochs that are written down, whatever part of the log has come into it. On a full
    /// disk, or where another process keeps the log from being emptied, it keeps the epoch it has.
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

    /// <summary>The last to close. What is in the log goes into the file, unless that is not ours any more.</summary>
    /// <returns>What the next start may expect; null: nothing is known.</returns>
    internal DatabaseRecord? Close()
    {
        var isOurs = _isArmed && Look() is null;
        _isArmed = false;
        if (_keeper is { } keeper)
        {
            if (!isOurs && keeper.Handle is { } handle)
                _ = raw.sqlite3_db_config(handle, NoCheckpointOnClose, 1, out _);
            keeper.Dispose();
            _keeper = null;
        }
        var record = isOurs && ReadEpoch() is { } epoch && _epochs.New == epoch && !File.Exists(LogPath) && new FileInfo(_path!) is { Exists: true } file
            ? new DatabaseRecord(epoch, epoch, true, file.Length, file.LastWriteTimeUtc.Ticks)
            : (DatabaseRecord?)null;
        _header?.Dispose();
        _header = null;
        return record;
    }

    internal string LogPath => _path + "-wal";

    private GenApiException? Look()
    {
        if (_isSpoilt)
            return Unusable("The database was written over while the service used it. Stop the service, put the right one in its place, start again.");
        if (FileIdentity.Of(_path!) is not { } file)
            return Unusable("The database is not in its folder any more. Bring the data folder back; nothing is accepted until then.");
        if (file != _file)
            return Unusable("Another file has taken the place of the database. Put the old one back, or restart; nothing is accepted until then.");
        if (FileIdentity.Of(LogPath) != _log)
            return Unusable("The log of the database (-wal) was removed or replaced. Restart the service; nothing is accepted until then.");
        if (!FileIdentity.IsWritable(_path!))
            return Unusable("The database can only be read. Make the data folder writable again; nothing is accepted until then.");
        if (ReadEpoch() is { } epoch && (epoch == _epochs.Old || epoch == _epochs.New))
            return null;
        // For good: SQLite has pages of the old file in memory.
        _isSpoilt = true;
        return Look();
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
