using GenApi.Core.Errors;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence;

/// <summary>Translates failures of the database engine, SQLite's here and PostgreSQL's in <see cref="PostgresFaults"/>.</summary>
internal static class DatabaseFaults
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CantOpen = 14, Constraint = 19,
        NotADatabase = 26;
    private const int ConstraintPrimaryKey = 1555, ConstraintUnique = 2067;

    /// <summary>Returns whether another process inserted the same key first.</summary>
    public static bool IsUniqueViolation(Exception failure) =>
        Engine(failure) is { SqliteErrorCode: Constraint, SqliteExtendedErrorCode: ConstraintUnique or ConstraintPrimaryKey }
            || PostgresFaults.IsUniqueViolation(failure);

    /// <summary>Returns whether the file is not, or no longer, a database; or a server found damage.</summary>
    public static bool IsUnreadable(Exception failure) =>
        Engine(failure) is { SqliteErrorCode: Corrupt or NotADatabase } || PostgresFaults.IsUnreadable(failure);

    /// <summary>
    /// Returns whether the disk is full. SQLite then can't make its shared memory file either, and calls that an input/output error.
    /// </summary>
    public static bool IsLackOfRoom(Exception failure) =>
        failure is GenApiException { Kind: ErrorKind.StorageFull }
            || Engine(failure) is { SqliteErrorCode: Full or InputOutput or CantOpen } || PostgresFaults.IsLackOfRoom(failure);

    /// <summary>Makes a failure that callers may see; null when it is not about storage (then it is a defect and is not caught).</summary>
    public static GenApiException? ToGenApi(Exception failure) => Engine(failure)?.SqliteErrorCode switch
    {
        Full => new(ErrorKind.StorageFull, "The disk has no room left to store the request.", failure) { IsTransient = true },
        Busy or Locked => new(ErrorKind.StorageUnavailable, "The database is locked by another process.", failure) { IsTransient = true },
        ReadOnly or InputOutput or CantOpen or Corrupt or NotADatabase =>
            new(ErrorKind.StorageUnavailable, "The database can't be read or written.", failure) { IsTransient = true },
        _ => PostgresFaults.ToGenApi(failure),
    };

    /// <summary>Returns whether a server ended the connection, so the same on a new one may succeed at once. A file has none.</summary>
    public static bool IsConnectionLoss(Exception failure) => PostgresFaults.IsConnectionLoss(failure);

    /// <inheritdoc cref="PostgresFaults.IsServerAway"/>
    public static bool IsServerAway(Exception failure) => PostgresFaults.IsServerAway(failure);

    /// <summary>Returns whether a transaction that stored nothing may succeed when it is run again from its start.</summary>
    public static bool IsRepeatable(Exception failure) => PostgresFaults.IsRepeatable(failure);

    private static SqliteException? Engine(Exception failure) =>
        failure as SqliteException ?? (failure as DbUpdateException)?.InnerException as SqliteException;
}
