using System.Net.Sockets;
using GenApi.Core.Errors;
using Npgsql;

namespace GenApi.Core.Persistence;

/// <summary>
/// Translates failures of PostgreSQL and of the connection to it. EF wraps some of them twice, so all inner exceptions are looked at.
/// </summary>
internal static class PostgresFaults
{
    /// <summary>The pause that callers are asked for while the server is away.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Returns PostgreSQL's or Npgsql's failure within another; null: it is none of theirs.</summary>
    public static NpgsqlException? Engine(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is NpgsqlException engine)
                return engine;
        }
        return null;
    }

    public static bool IsUniqueViolation(Exception failure) => StateOf(failure) == PostgresErrorCodes.UniqueViolation;

    /// <summary>Returns whether the server found damaged pages or indexes.</summary>
    public static bool IsUnreadable(Exception failure) =>
        StateOf(failure) is PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted;

    /// <summary>Returns whether a text held U+0000, which PostgreSQL can neither store nor compare.</summary>
    public static bool IsNoText(Exception failure) => StateOf(failure) is "22021" or "22P05";

    public static bool IsLackOfRoom(Exception failure) => StateOf(failure) == PostgresErrorCodes.DiskFull;

    /// <summary>
    /// Returns whether the connection is lost, or the server ended it. Nothing more can be done on it; a new one may work at once. It is
    /// false where the client's time limit ended the wait: the same would take as long again.
    /// </summary>
    public static bool IsConnectionLoss(Exception failure) => Engine(failure) switch
    {
        null => false,
        PostgresException { SqlState: var state } => EndsConnection(state),
        { InnerException: TimeoutException } => false,
        // A broken socket or an unfinished handshake leaves the connection closed.
        { InnerException: IOException or SocketException or ObjectDisposedException } => true,
        var engine => engine.IsTransient,
    };

    /// <summary>Returns whether the server can't be reached, or does not answer in time.</summary>
    public static bool IsServerAway(Exception failure) =>
        IsConnectionLoss(failure) || Engine(failure) is { InnerException: TimeoutException };

    /// <summary>
    /// Returns whether the same transaction may succeed when it is run again from its start: nothing of it was stored.
    /// </summary>
    public static bool IsRepeatable(Exception failure) => IsServerAway(failure) || StateOf(failure) is
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
        // A newer version has changed a table for which a statement is prepared (0A000), or an operator has discarded them.
        or PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.InvalidSqlStatementName;

    /// <inheritdoc cref="DatabaseFaults.ToGenApi"/>
    public static GenApiException? ToGenApi(Exception failure)
    {
        if (Engine(failure) is not { } engine)
            return null;
        var state = (engine as PostgresException)?.SqlState;
        return state switch
        {
            PostgresErrorCodes.DiskFull => Full(failure),
            _ when IsServerAway(engine) => Unavailable("The database server can't be reached.", failure),
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable =>
                Unavailable("The database is busy with other writes.", failure),
            PostgresErrorCodes.QueryCanceled => Unavailable("The database took too long to answer.", failure),
            PostgresErrorCodes.ReadOnlySqlTransaction => Unavailable("The database is read-only now.", failure),
            // Damage, a full memory, files that the server can't read, a password or a database that was changed meanwhile.
            null or PostgresErrorCodes.InsufficientPrivilege => Unavailable("The database can't be read or written.", failure),
            _ when IsOfClass(state, "53", "58", "XX", "28", "3D", "55") =>
                Unavailable("The database can't be read or written.", failure),
            _ => null,
        };
    }

    private static string? StateOf(Exception failure) => (Engine(failure) as PostgresException)?.SqlState;

    /// <summary>
    /// 08: the connection; 57P0x and 25P03: an administrator, a restart or a time limit ended it; 53300: no connection is free. A pooler
    /// reports its own failures in class 08, or as 58000.
    /// </summary>
    private static bool EndsConnection(string state) => IsOfClass(state, "08") || state is
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or "57P05" or "25P03"
        or PostgresErrorCodes.TooManyConnections
        or PostgresErrorCodes.ReadOnlySqlTransaction or "58000";

    private static bool IsOfClass(string state, params ReadOnlySpan<string> classes)
    {
        foreach (var each in classes)
        {
            if (state.StartsWith(each, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static GenApiException Full(Exception failure) => new(
        ErrorKind.StorageFull, "The disk of the database server has no room left to store the request.", failure)
    { IsTransient = true };

    private static GenApiException Unavailable(string sentence, Exception failure) =>
        new(ErrorKind.StorageUnavailable, sentence, failure) { IsTransient = true, RetryAfter = RetryAfter };
}
