using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// Knows which generations have a caller that still waits for its answer, and marks those whose caller left without one. A request that
/// was answered writes nothing.
/// </summary>
internal sealed partial class UnansweredRequests(
    DatabaseWriter writer, DataDirectory directory, SteadyClock clock, ILogger<UnansweredRequests> logger)
{
    /// <summary>
    /// The time before a start after a crash in which an answer may have been cut. It covers the crash, the restart and the last answers.
    /// </summary>
    private static readonly TimeSpan Moments = TimeSpan.FromMinutes(1);

    /// <summary>The longest life of a run whose row a start looks at; its query goes by the time of acceptance.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromHours(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _awaited = [];

    /// <summary>Generations whose mark is not written yet, and since when they have it.</summary>
    private readonly Dictionary<Guid, DateTimeOffset> _unsaved = [];

    private readonly DateTimeOffset _beganAt = clock.Now;

    /// <summary>The time that a mark gets.</summary>
    public DateTimeOffset Now => clock.Now;

    /// <summary>
    /// Notes that the answer to a request is awaited. Call it in the writer's transaction: a repeat behind it in the same transaction must
    /// see it.
    /// </summary>
    /// <returns>False: the caller is gone already.</returns>
    public bool TryBegin(PendingAnswer answer, Guid generation)
    {
        lock (_gate)
        {
            if (answer.IsOver)
                return false;
            answer.Add(generation);
            _awaited[generation] = _awaited.GetValueOrDefault(generation) + 1;
            return true;
        }
    }

    /// <summary>
    /// Says that the whole answer is about to be handed to the system: its generations count as awaited no longer. Whether the caller got
    /// it, <see cref="EndAsync"/> and <see cref="CutAsync"/> say later.
    /// </summary>
    public void HandOver(PendingAnswer answer)
    {
        lock (_gate)
        {
            if (answer.IsOver)
                return;
            answer.End();
            answer.IsHandedOver = true;
        }
        Release(answer.Generations);
    }

    /// <summary>Ends the answer to a request. A generation whose caller got none is marked before it stops counting as awaited.</summary>
    public async Task EndAsync(PendingAnswer answer, AnswerEnd end)
    {
        lock (_gate)
            answer.End();
        if (answer.Generations is not { Count: > 0 } generations)
            return;
        if (end == AnswerEnd.Broken)
            Remember(generations);
        if (end != AnswerEnd.Written)
            await TryMarkAsync(generations, end);
        if (!answer.IsHandedOver)
            Release(generations);
    }

    /// <summary>
    /// Takes back that an answer was written: the connection was reset before the caller had read all of it, with no other request after
    /// it.
    /// </summary>
    public Task CutAsync(PendingAnswer answer)
    {
        Remember(answer.Generations);
        return answer.Generations.Count == 0 ? Task.CompletedTask : TryMarkAsync(answer.Generations, AnswerEnd.Broken);
    }

    /// <summary>
    /// Removes the mark of a generation whose caller got its outputs another way: the same request again is a new one. If that can't be
    /// saved, repeats go on joining.
    /// </summary>
    public async Task SettleAsync(Guid generation)
    {
        try
        {
            await writer.WriteAsync(
                (db, token) => db.Set<Generation>().Where(row => row.Id == generation && row.UnansweredAt != null)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.UnansweredAt, (DateTimeOffset?)null), token),
                CancellationToken.None);
            lock (_gate)
                _unsaved.Remove(generation);
        }
        catch (GenApiException fault)
        {
            Log.NotSettled(logger, fault);
        }
    }

    /// <summary>
    /// Says whether a caller of the generation still waits for its answer, and since when one got none; null: none is missing.
    /// </summary>
    public (bool IsAwaited, DateTimeOffset? UnansweredAt) Of(Generation row)
    {
        var unansweredAt = row.UnansweredAt;
        lock (_gate)
        {
            if (_unsaved.TryGetValue(row.Id, out var unsaved) && !(unansweredAt >= unsaved))
                unansweredAt = unsaved;
            return (_awaited.ContainsKey(row.Id), unansweredAt ?? (MayHaveBeenCut(row) ? _beganAt : null));
        }
    }

    /// <summary>
    /// Marks at a start what a crash may have cut: every open generation, and those that ended in the moments before. It runs in the
    /// writer's transaction.
    /// </summary>
    public async Task TakeOverAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        if (directory.WasClosed)
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

    /// <summary>The same by the row alone, because a repeat may arrive before the takeover.</summary>
    private bool MayHaveBeenCut(Generation row) => !directory.WasClosed && row.CreatedAt < _beganAt
        && (row.CompletedAt is null || row.CompletedAt >= _beganAt - Moments);

    /// <summary>Counts them as unanswered at once, before the database knows it.</summary>
    private void Remember(IReadOnlyList<Guid> generations)
    {
        lock (_gate)
        {
            foreach (var id in generations)
                _unsaved[id] = clock.Now;
        }
    }

    private async Task TryMarkAsync(IReadOnlyList<Guid> generations, AnswerEnd end)
    {
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

    private void Release(IReadOnlyList<Guid> generations)
    {
        lock (_gate)
        {
            foreach (var id in generations)
            {
                var others = _awaited.GetValueOrDefault(id) - 1;
                if (others > 0)
                    _awaited[id] = others;
                else
                    _awaited.Remove(id);
            }
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
