using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Queueing;

/// <summary>The marks in the database: they outlive the process, and on a shared store other instances see them.</summary>
internal sealed partial class UnansweredRequests
{
    /// <summary>On a shared store every new image comes along here, past EF.</summary>
    private const string TakeAway =
        """UPDATE "Generations" SET "UnansweredAt" = NULL WHERE "Id" = @p0 AND "UnansweredAt" IS NOT NULL""";

    /// <summary>
    /// Removes the mark of a generation whose caller got its outputs another way: the same request again is a new one. If that can't be
    /// saved, repeats go on joining.
    /// </summary>
    public Task SettleAsync(Guid generation) => SettleAsync([generation]);

    private async Task SettleAsync(IReadOnlyCollection<Guid> generations)
    {
        try
        {
            await writer.WriteAsync(
                async (db, token) =>
                {
                    foreach (var generation in generations)
                        await db.ExecuteLaterAsync(new(TakeAway, generation), null, token);
                },
                CancellationToken.None);
            lock (_gate)
            {
                foreach (var generation in generations)
                    _unsaved.Remove(generation);
            }
        }
        catch (GenApiException fault)
        {
            Log.NotSettled(logger, fault);
        }
    }

    /// <summary>
    /// Marks at a start what a crash may have cut: every open generation, and those that ended in the moments before. It runs in the
    /// writer's transaction.
    /// </summary>
    public async Task TakeOverAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        if (!HasCrashed)
            return;
        var (began, ended, accepted) = (_beganAt, _beganAt - Moments, _beganAt - Moments - LongRun);
        var rows = db.Set<Generation>().Where(row => row.Fingerprint != null && row.UnansweredAt == null);
        // Two statements, because each has its own index.
        foreach (var cut in new[]
            { rows.Where(row => row.CompletedAt == null), rows.Where(row => row.CreatedAt >= accepted && row.CompletedAt >= ended) })
        {
            await cut.ExecuteUpdateAsync(
                set => set.SetProperty(row => row.UnansweredAt, (DateTimeOffset?)began), cancellationToken);
        }
    }

    /// <summary>
    /// Says that an error is about to leave: a caller that gets the failure of a generation has its answer. The next request may reach
    /// another instance before this one knows that the answer is written.
    /// </summary>
    public async Task RefuseAsync(PendingAnswer answer)
    {
        if (!MarksWhileAwaited || answer.Generations is not { Count: > 0 } generations)
            return;
        try
        {
            await writer.WriteAsync((db, token) => SettleFailuresAsync(db, generations, token), CancellationToken.None);
        }
        catch (GenApiException fault)
        {
            Log.NotSettled(logger, fault);
        }
    }

    private static Task<int> SettleFailuresAsync(
        GenApiDbContext db, IReadOnlyList<Guid> generations, CancellationToken cancellationToken) =>
        db.Set<Generation>().Where(row => row.Fingerprint != null && generations.Contains(row.Id) && row.UnansweredAt != null)
            .Where(row => row.CompletedAt != null && row.Status != GenerationStatus.Succeeded)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.UnansweredAt, (DateTimeOffset?)null), cancellationToken);

    private async Task TryMarkAsync(IReadOnlyList<Guid> generations, AnswerEnd end)
    {
        lock (_gate)
            _ours.ExceptWith(generations);
        try
        {
            await MarkAsync(generations, end);
        }
        catch (GenApiException fault)
        {
            Remember(generations);
            Log.NotMarked(logger, generations.Count, fault);
        }
    }

    private async Task MarkAsync(IReadOnlyList<Guid> generations, AnswerEnd end)
    {
        var now = clock.Now;
        // With those that could not be marked before.
        Guid[] unsaved;
        lock (_gate)
            unsaved = [.. _unsaved.Keys];
        await writer.WriteAsync(async (db, token) =>
        {
            var rows = db.Set<Generation>().Where(row => row.Fingerprint != null);
            if (end == AnswerEnd.Refused)
            {
                // A caller that got the failure of a generation has its answer.
                await rows.Where(row => generations.Contains(row.Id))
                    .Where(row => row.CompletedAt == null || row.Status == GenerationStatus.Succeeded)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.UnansweredAt, (DateTimeOffset?)now), token);
                if (MarksWhileAwaited)
                    await SettleFailuresAsync(db, generations, token);
            }
            if (unsaved.Length > 0)
            {
                await rows.Where(row => unsaved.Contains(row.Id))
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.UnansweredAt, (DateTimeOffset?)now), token);
            }
        }, CancellationToken.None);
        lock (_gate)
        {
            foreach (var id in unsaved)
                _unsaved.Remove(id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The callers of {Count} generations left without an answer, which can't be saved now; repeats join while this process runs")]
        public static partial void NotMarked(ILogger logger, int count, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "A caller has its answer, which can't be saved now; repeats of its request go on joining")]
        public static partial void NotSettled(ILogger logger, Exception fault);
    }
}
