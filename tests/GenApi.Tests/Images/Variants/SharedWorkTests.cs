using GenApi.Core.Images.Variants;

namespace GenApi.Tests.Images.Variants;

/// <summary>Runs work once for all callers who want its result at the same time.</summary>
public sealed class SharedWorkTests
{
    private readonly SharedWork<string, int> _work = new();
    private readonly TaskCompletionSource<int> _result = new();
    private int _begun;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_caller_who_leaves_ends_the_wait_for_itself_alone()
    {
        using var leaving = new CancellationTokenSource();
        var left = JoinAsync(leaving.Token);
        var stays = JoinAsync(Ended);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        _result.SetResult(7);
        Assert.Equal((7, 1), (await stays, _begun));
    }

    [Fact]
    public async Task Work_that_nobody_waits_for_ends_and_the_next_caller_begins_it_again()
    {
        using var leaving = new CancellationTokenSource();
        var ended = new TaskCompletionSource();
        var left = _work.JoinAsync("a", async stop =>
        {
            // Kept: the end of the wait below comes before this call, and would take it back.
            _ = stop.Register(ended.SetResult);
            return await _result.Task.WaitAsync(stop);
        }, leaving.Token);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await ended.Task.WaitAsync(Ended);
        var again = JoinAsync(Ended);
        _result.SetResult(7);
        Assert.Equal((7, 1), (await again, _begun));
    }

    [Fact]
    public async Task A_failure_reaches_all_who_wait_and_is_not_kept()
    {
        var both = new[] { JoinAsync(Ended), JoinAsync(Ended) };
        _result.SetException(new InvalidOperationException("It failed."));

        foreach (var each in both)
            await Assert.ThrowsAsync<InvalidOperationException>(() => each);
        Assert.Equal((1, 5), (_begun, await _work.JoinAsync("a", _ => Task.FromResult(5), Ended)));
    }

    private Task<int> JoinAsync(CancellationToken cancellationToken) => _work.JoinAsync("a", stop =>
    {
        Interlocked.Increment(ref _begun);
        return _result.Task.WaitAsync(stop);
    }, cancellationToken);
}
