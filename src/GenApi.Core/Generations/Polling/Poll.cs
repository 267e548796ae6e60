using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Polling;

/// <summary>A poll of one prediction that waits for the row of a list.</summary>
/// <param name="id">Of the prediction.</param>
/// <param name="oldest">The earliest time at which it may have been made.</param>
/// <param name="newest">The latest time at which it may have been made.</param>
/// <param name="wantsLog">Whether a row without its log is not enough, if the log can be had.</param>
internal sealed class Poll(string id, DateTimeOffset oldest, DateTimeOffset newest, bool wantsLog)
{
    private readonly TaskCompletionSource<Prediction?> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    public DateTimeOffset Oldest => oldest;

    public DateTimeOffset Newest => newest;

    public bool WantsLog => wantsLog;

    /// <summary>The row; null when the prediction has to be read separately.</summary>
    public Task<Prediction?> Result => _result.Task;

    /// <summary>Completes the poll. Only the first call counts.</summary>
    public void Complete(Prediction? row) => _result.TrySetResult(row);
}
