using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>
/// Sets the options that SQLite holds per connection. FULL makes each commit survive a power cut, on which "never billed twice" rests. The
/// busy time-out lets a backup or a second process (fsck) hold the write lock for a moment without a failure. A file that is no longer ours
/// is not read. The pragmas are set once for each connection to the file, not each time that the pool hands it out: they would be three
/// statements per read.
/// </summary>
/// <param name="watch">The watch of the file; null: any file may be opened.</param>
internal sealed class SqlitePragmas(DatabaseWatch? watch = null) : DbConnectionInterceptor
{
    /// <summary>The number of seconds that a command waits for a locked database before it fails.</summary>
    public const int BusySeconds = 5;

    public static readonly string Patience = $"PRAGMA busy_timeout={BusySeconds * 1000};";

    private static readonly string Pragmas = $"PRAGMA synchronous=FULL; {Patience} PRAGMA temp_store=MEMORY;";

    private readonly ConditionalWeakTable<object, object?> _done = [];

    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        watch?.Require();
        return result;
    }

    public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        new(ConnectionOpening(connection, eventData, result));

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        var handle = ((SqliteConnection)connection).Handle!;
        if (_done.TryGetValue(handle, out _))
            return;
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
        _done.TryAdd(handle, null);
    }

    public override Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        // SQLite has no asynchronous I/O: the Async methods of its provider run on the spot.
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
