using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace GenApi.Core.Persistence;

/// <summary>
/// Sets what SQLite keeps per connection. FULL makes each commit survive a power cut, which "never billed twice" rests on;
/// the busy timeout lets a backup or a second process (fsck) hold the write lock for a moment without failing anybody.
/// </summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    /// <summary>Who waits for a locked database is told so after this time.</summary>
    public const int BusySeconds = 5;

    private static readonly string Pragmas = $"PRAGMA synchronous=FULL; PRAGMA busy_timeout={BusySeconds * 1000}; PRAGMA temp_store=MEMORY;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        // SQLite has no asynchronous I/O: the Async methods of its provider run on the spot.
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
