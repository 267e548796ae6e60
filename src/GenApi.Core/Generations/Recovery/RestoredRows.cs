using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Recovery;

/// <summary>
/// Continues from a database that was restored from a copy. What waits in it may have been sent after the copy was made, so it is searched
/// for at the upstream before it is sent. A backup folder of SQLite is prepared when it is made; a copy of a server's database can't be.
/// </summary>
internal sealed partial class RestoredRows(IOptions<GenerationOptions> options, ILogger<RestoredRows> logger)
{
    /// <summary>Prepares the rows if the database was restored; in the writer's transaction, before any row is claimed.</summary>
    public async Task PrepareAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        if (!await db.WasRestoredAsync(cancellationToken))
            return;
        // A new database has none.
        var rows = await db.Set<Generation>().Where(row => row.CompletedAt == null).ToListAsync(cancellationToken);
        if (rows.Count == 0)
            return;
        foreach (var row in rows)
            row.ContinueFromCopy(row.CreatedAt, db.Now, TimeSpan.FromSeconds(options.Value.MaxRunSeconds));
        await db.SaveChangesAsync(cancellationToken);
        Log.Restored(logger, rows.Count);
    }

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Warning,
            "The database was restored from a copy, or another server took over: {Count} unfinished generations are searched for at the "
            + "upstream before anything is sent")]
        public static partial void Restored(ILogger logger, int count);
    }
}
