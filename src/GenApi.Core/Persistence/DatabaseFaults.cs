using GenApi.Core.Errors;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence;

/// <summary>Translates failures of the database engine.</summary>
internal static class DatabaseFaults
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CantOpen = 14, Constraint = 19,
        NotADatabase = 26;
    private const int ConstraintPrimaryKey = 1555, ConstraintUnique = 2067;

    /// <summary>Returns whether another process inserted the same key first.</summary>
    public static bool IsUniqueViolation(Exception failure) =>
        Engine(failure) is { SqliteErrorCode: Constraint, SqliteExtendedErrorCode: ConstraintUnique or ConstraintPrimaryKey };

    /// <summary>Returns whether the file is not, or no longer, a database.</summary>
    public static bool IsUnreadable(Exception failure) => Engine(failure) is { SqliteErrorCode: Corrupt or NotADatabase };

    /// <summary>
    /// Returns whether the disk is full. SQLite then can't make its shared memory file either, and calls that an input/output error.
    /// </summary>
    public static bool IsLackOfRoom(Exception failure) =>
        failure is GenApiException { Kind: ErrorKind.StorageFull }
            || Engine(failure) is { SqliteErrorCode: Full or InputOutput or CantOpen };

    /// <summary>Makes a failure that callers may see; null when it is not about storage (then it is a defect and is not caught).</summary>
    public static GenApiException? ToGenApi(Exception failure) => Engine(failure)?.SqliteErrorCode switch
    {
        Full => new(ErrorKind.StorageFull, "The disk has no room left to store the request.", failure) { IsTransient = true },
        Busy or Locked => new(ErrorKind.StorageUnavailable, "The database is locked by another process.", failure) { IsTransient = true },
        ReadOnly or InputOutput or CantOpen or Corrupt or NotADatabase =>
            new(ErrorKind.StorageUnavailable, "The database can't be read or written.", failure) { IsTransient = true },
        _ => null,
    };

    private static SqliteException? Engine(Exception failure) =>
        failure as SqliteException ?? (failure as DbUpdateException)?.InnerException as SqliteException;
}
