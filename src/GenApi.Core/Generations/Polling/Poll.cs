using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Polling;

/// <summary>Somebody who wants to know how a prediction is doing, and waits for a row of the list that says it.</summary>
/// <param name="id">Of the prediction.</param>
/// <param name="oldest">It was made no earlier.</param>
/// <param name="newest">It was made no later.</param>
/// <param name="wantsLog">A row without its log is not enough, if that can be had.</param>
internal sealed class Poll(string id, DateTimeOffset oldest, DateTimeOffset newest, bool wantsLog)
{
    private readonly TaskCompletionSource<Prediction?> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    public DateTimeOffset Oldest => oldest;

    public DateTimeOffset Newest => newest;

    public bool WantsLog => wantsLog;

    /// <summary>The row; null when it has to be asked for by itself.</summary>
    public Task<Prediction?> Told => _told.Task;

    /// <summary>The first word counts.</summary>
    public void Tell(Prediction? row) => _told.TrySetResult(row);
}
