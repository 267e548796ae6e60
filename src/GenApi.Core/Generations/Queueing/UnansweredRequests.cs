using GenApi.Core.Cluster;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// Knows which generations have a caller that still waits for its answer, and marks those whose caller left without one. In one process, a
/// request that was answered writes nothing. Instances that share a database mark a generation when it is made, and take the mark away
/// before its answer leaves: so a repeat finds it at any instance, and also after the death of the one that the caller was connected to.
/// </summary>
internal sealed partial class UnansweredRequests(
    DatabaseWriter writer, DataDirectory directory, ICluster cluster, SteadyClock clock, ILogger<UnansweredRequests> logger)
{
    /// <summary>
    /// The time before a start after a crash in which an answer may have been cut. It covers the crash, the restart and the last answers.
    /// </summary>
    private static readonly TimeSpan Moments = TimeSpan.FromMinutes(1);

    /// <summary>The longest life of a run whose row a start looks at; its query goes by the time of acceptance.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromHours(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _awaited = [];

    /// <summary>
    /// Awaited generations that were made for a caller of this process, none of whose callers here left without an answer: the last answer
    /// takes their mark away. Any other mark is that of somebody who got none, and an answered repeat leaves it.
    /// </summary>
    private readonly HashSet<Guid> _ours = [];

    /// <summary>Generations whose mark is not written yet, and since when they have it.</summary>
    private readonly Dictionary<Guid, DateTimeOffset> _unsaved = [];

    private readonly WrittenAnswers _written = new();

    private readonly DateTimeOffset _beganAt = clock.Now;

    /// <summary>
    /// True if the process before this one crashed. On a shared store every generation has its mark while its caller waits, so nothing has
    /// to be guessed.
    /// </summary>
    private bool HasCrashed => !cluster.IsShared && !directory.WasClosed;

    /// <summary>The time that a mark gets.</summary>
    public DateTimeOffset Now => clock.Now;

    /// <summary>True if a new generation is marked as long as its caller waits, because other instances can't see that it does.</summary>
    public bool MarksWhileAwaited => cluster.IsShared;

    /// <summary>
    /// Notes that the answer to a request is awaited. Call it in the writer's transaction: a repeat behind it in the same transaction must
    /// see it.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="generation">Of which it tells.</param>
    /// <param name="isNew">Whether this request makes the generation.</param>
    /// <returns>False: the caller is gone already.</returns>
    public bool TryBegin(PendingAnswer answer, Guid generation, bool isNew = false)
    {
        lock (_gate)
        {
            if (answer.IsOver)
                return false;
            answer.Add(generation);
            _awaited[generation] = _awaited.GetValueOrDefault(generation) + 1;
            if (isNew)
                _ours.Add(generation);
            return true;
        }
    }

    /// <summary>
    /// Says that the whole answer is about to be handed to the system: its generations count as awaited no longer. Whether the caller got
    /// it, <see cref="EndAsync"/> and <see cref="CutAsync"/> say later.
    /// </summary>
    public async Task HandOverAsync(PendingAnswer answer)
    {
        lock (_gate)
        {
            if (answer.IsOver)
                return;
            answer.End();
            answer.IsHandedOver = true;
        }
        _written.Add(answer);
        await AnsweredAsync(answer.Generations);
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
        if (end == AnswerEnd.Written)
        {
            _written.Add(answer);
            if (!answer.IsHandedOver)
                await AnsweredAsync(generations);
            return;
        }
        _written.Remove(answer);
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

    /// <summary>Says that the connection has nothing more to tell about an answer: it ended, or another request came by it.</summary>
    public void Forget(PendingAnswer answer) => _written.Remove(answer);

    /// <summary>
    /// Says whether a caller of the generation still waits for its answer, and since when one got none; null: none is missing.
    /// </summary>
    public (bool IsAwaited, DateTimeOffset? UnansweredAt) Of(Generation row)
    {
        lock (_gate)
        {
            if (_written.WasReset(row.Id))
                _unsaved.TryAdd(row.Id, clock.Now);
            var isAwaited = _awaited.ContainsKey(row.Id);
            var unansweredAt = MarksWhileAwaited ? MarkOf(row, isAwaited) : row.UnansweredAt;
            if (_unsaved.TryGetValue(row.Id, out var unsaved) && !(unansweredAt >= unsaved))
                unansweredAt = unsaved;
            return (isAwaited, unansweredAt ?? (MayHaveBeenCut(row) ? _beganAt : null));
        }
    }

    /// <summary>
    /// The mark of a row that has had it since it was made: while its caller waits here, it says nothing, and otherwise the answer can't
    /// have been missed before there was one.
    /// </summary>
    private static DateTimeOffset? MarkOf(Generation row, bool isAwaited) =>
        isAwaited || row.UnansweredAt is null ? null : row.CompletedAt > row.UnansweredAt ? row.CompletedAt : row.UnansweredAt;

    /// <summary>
    /// Counts the callers of an answer as waiting no longer. The last caller of a generation first takes the mark away that it got because
    /// its callers waited here.
    /// </summary>
    private async Task AnsweredAsync(IReadOnlyList<Guid> generations)
    {
        // One look for all: of two callers that are answered at the same moment, one is the last.
        List<Guid> last = [], ours;
        lock (_gate)
        {
            foreach (var id in generations)
            {
                if (_awaited.GetValueOrDefault(id) > 1)
                    _awaited[id]--;
                else
                    last.Add(id);
            }
            ours = MarksWhileAwaited ? last.FindAll(_ours.Contains) : [];
        }
        if (ours.Count > 0)
            await SettleAsync(ours);
        Release(last);
    }

    /// <summary>The same by the row alone, because a repeat may arrive before the takeover.</summary>
    private bool MayHaveBeenCut(Generation row) => HasCrashed && row.CreatedAt < _beganAt
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

    private void Release(IReadOnlyList<Guid> generations)
    {
        lock (_gate)
        {
            foreach (var id in generations)
            {
                var others = _awaited.GetValueOrDefault(id) - 1;
                if (others > 0)
                    _awaited[id] = others;
                else if (_awaited.Remove(id))
                    _ours.Remove(id);
            }
        }
    }
}
