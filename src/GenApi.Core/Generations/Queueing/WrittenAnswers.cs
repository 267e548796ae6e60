namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// Answers that are written, each until its connection has shown whether the caller got it. A busy server sees a reset later than the
/// repeat that follows it; the system knows it at once and is asked.
/// </summary>
internal sealed class WrittenAnswers
{
    private readonly Lock _gate = new();

    /// <summary>The last answer about each generation.</summary>
    private readonly Dictionary<Guid, PendingAnswer> _answers = [];

    /// <summary>Adds an answer, if the system can be asked about its connection.</summary>
    public void Add(PendingAnswer answer)
    {
        if (answer.WasReset is null)
            return;
        lock (_gate)
        {
            foreach (var generation in answer.Generations)
                _answers[generation] = answer;
        }
    }

    public void Remove(PendingAnswer answer)
    {
        lock (_gate)
        {
            foreach (var generation in answer.Generations.Where(each => _answers.GetValueOrDefault(each) == answer))
                _answers.Remove(generation);
        }
    }

    /// <summary>True if the connection was reset on which the generation was answered last.</summary>
    public bool WasReset(Guid generation)
    {
        PendingAnswer? answer;
        lock (_gate)
            _answers.TryGetValue(generation, out answer);
        return answer?.WasReset?.Invoke() == true;
    }
}
