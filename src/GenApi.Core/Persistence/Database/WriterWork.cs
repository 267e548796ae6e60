namespace GenApi.Core.Persistence.Database;

/// <summary>A work that waits for the writer, and the result of its last run.</summary>
/// <param name="cancellationToken">Ends the wait for it, as long as it has not begun.</param>
internal abstract class WriterWork(CancellationToken cancellationToken)
{
    protected CancellationToken Token { get; } = cancellationToken;

    /// <summary>Begins the work, for the first time or again.</summary>
    /// <returns>False if nothing waits for it any more and it has not begun: then it never begins.</returns>
    public abstract bool Begin();

    public abstract Task RunAsync(GenApiDbContext db);

    /// <summary>The work itself threw: its changes are rolled back, those of the other works are not.</summary>
    public abstract void Refuse(Exception failure);

    public abstract void Fail(Exception failure);

    public abstract void Succeed();
}

/// <inheritdoc cref="WriterWork"/>
/// <typeparam name="T">The type of the result.</typeparam>
internal sealed class WriterWork<T>(
    Func<GenApiDbContext, CancellationToken, Task<T>> run, CancellationToken cancellationToken) : WriterWork(cancellationToken)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _begun;
    private Exception? _refusal;
    private T? _result;

    public Task<T> Completion => _completion.Task;

    public override bool Begin()
    {
        _refusal = null;
        return _begun |= !Token.IsCancellationRequested;
    }

    // Once begun, it runs to its end: a half-cancelled statement would leave the shared transaction in an unknown state.
    public override async Task RunAsync(GenApiDbContext db) => _result = await run(db, CancellationToken.None);

    public override void Refuse(Exception failure) => _refusal = failure;

    public override void Fail(Exception failure) => _completion.TrySetException(_refusal ?? failure);

    public override void Succeed()
    {
        if (_refusal is not null)
            _completion.TrySetException(_refusal);
        else if (!_begun)
            _completion.TrySetCanceled(Token);
        else
            _completion.TrySetResult(_result!);
    }
}
