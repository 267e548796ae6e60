using System.Diagnostics;
using GenApi.Core.Background;
using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Fills the search index in the background, once, after an upgrade that changed it. Each step is one transaction that takes its rows off
/// the list of those that wait, so a restart goes on where the last process ended. Searches are refused until the index is complete: a page
/// with rows missing would pass for the whole answer.
/// </summary>
internal sealed partial class SearchFill(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, TimeProvider time, ILogger<SearchFill> logger)
    : BackgroundLoop(time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>The time between two progress lines.</summary>
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(10);

    private volatile bool _isComplete;
    private long _documents;
    private long _begunAt;
    private long _reportedAt;

    private double Seconds => Stopwatch.GetElapsedTime(_begunAt).TotalSeconds;

    /// <exception cref="GenApiException">StorageUnavailable, and for a while only: rows are still waiting for the index.</exception>
    public void ThrowIfIncomplete()
    {
        if (!_isComplete)
        {
            throw new GenApiException(
                ErrorKind.StorageUnavailable,
                "The search index is being rebuilt after an upgrade. Lists without 'q' work; try the search again later.")
            {
                IsTransient = true,
                RetryAfter = RetryAfter,
            };
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _isComplete = await contexts.ReadAsync(db => db.IsSearchCompleteAsync(cancellationToken), cancellationToken);
        if (!_isComplete)
            await base.StartAsync(cancellationToken);
    }

    protected override Task BeginAsync(CancellationToken stopping)
    {
        _begunAt = _reportedAt = Stopwatch.GetTimestamp();
        Log.Begun(Logger);
        return Task.CompletedTask;
    }

    protected override Task RestAsync(CancellationToken stopping) => IsWell ? Task.CompletedTask : Task.Delay(Pause, Time, stopping);

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        var added = await writer.WriteAsync((db, token) => db.ContinueSearchAsync(token), stopping);
        _documents += added;
        if (added == 0)
        {
            _isComplete = true;
            Log.Completed(Logger, _documents, Seconds);
            End();
        }
        else if (Stopwatch.GetElapsedTime(_reportedAt) >= ProgressEvery)
        {
            _reportedAt = Stopwatch.GetTimestamp();
            Log.Progress(Logger, _documents, Seconds);
        }
    }

    protected override void Report(GenApiException fault) => Log.Interrupted(Logger, fault);

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Information, "The search index is being rebuilt after an upgrade; searches wait for it, nothing else does")]
        public static partial void Begun(ILogger logger);

        [LoggerMessage(2, LogLevel.Information, "The search index is complete: {Documents} documents in {Seconds:0.0} s")]
        public static partial void Completed(ILogger logger, long documents, double seconds);

        [LoggerMessage(4, LogLevel.Information, "The search index is being rebuilt: {Documents} documents so far, after {Seconds:0.0} s")]
        public static partial void Progress(ILogger logger, long documents, double seconds);

        [LoggerMessage(3, LogLevel.Warning, "The search index could not be written; trying again every second")]
        public static partial void Interrupted(ILogger logger, Exception fault);
    }
}
