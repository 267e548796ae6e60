using System.Diagnostics;
using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Fills the search index beside the service's work, once, after an upgrade that changed it. Each step is one transaction that takes its
/// rows off the list of those that wait, so a
/// restart goes on where the last process ended. Until all are there a search is refused: a page with rows missing would be taken for the
/// whole answer.
/// </summary>
internal sealed partial class SearchFill(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, TimeProvider time, ILogger<SearchFill> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    /// <summary>Between two lines about how far it is.</summary>
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(10);

    private volatile bool _isComplete;

    /// <exception cref="GenApiException">StorageUnavailable, and for a moment only: rows are still waiting for the index.</exception>
    public void ThrowIfIncomplete()
    {
        if (!_isComplete)
            throw new GenApiException(ErrorKind.StorageUnavailable, "The search index is being made after an upgrade. Lists without 'q' work; try the search again later.")
            {
                IsTransient = true,
                RetryAfter = Again,
            };
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _isComplete = await contexts.ReadAsync(db => db.IsSearchCompleteAsync(cancellationToken), cancellationToken);
        if (!_isComplete)
            await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (since, documents, told) = (Stopwatch.GetTimestamp(), 0L, Stopwatch.GetTimestamp());
        Log.Begins(logger);
        try
        {
            while (!_isComplete)
            {
                try
                {
                    var added = await writer.WriteAsync((db, token) => db.ContinueSearchAsync(token), stoppingToken);
                    documents += added;
                    _isComplete = added == 0;
                    if (_isComplete || Stopwatch.GetElapsedTime(told) < TellEvery)
                        continue;
                    told = Stopwatch.GetTimestamp();
                    Log.GoesOn(logger, documents, Stopwatch.GetElapsedTime(since).TotalSeconds);
                }
                catch (GenApiException fault)
                {
                    Log.Interrupted(logger, fault);
                    await Task.Delay(Pause, time, stoppingToken);
                }
            }
            Log.Ends(logger, documents, Stopwatch.GetElapsedTime(since).TotalSeconds);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next process goes on.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The search index is being made after an upgrade; searches wait for it, nothing else does")]
        public static partial void Begins(ILogger logger);

        [LoggerMessage(2, LogLevel.Information, "The search index is complete: {Documents} documents in {Seconds:0.0} s")]
        public static partial void Ends(ILogger logger, long documents, double seconds);

        [LoggerMessage(4, LogLevel.Information, "The search index is being made: {Documents} documents so far, after {Seconds:0.0} s")]
        public static partial void GoesOn(ILogger logger, long documents, double seconds);

        [LoggerMessage(3, LogLevel.Warning, "The search index could not be written; tried again in a second")]
        public static partial void Interrupted(ILogger logger, Exception fault);
    }
}
