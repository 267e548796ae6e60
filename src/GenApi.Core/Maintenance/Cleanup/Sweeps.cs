namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>What is of no use to anybody any more, in rows and in bytes.</summary>
internal sealed class Sweeps(RowSweep rows, BlobSweep blobs)
{
    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await rows.RunAsync(now, cancellationToken);
        await blobs.RunAsync(now, cancellationToken);
    }

    /// <inheritdoc cref="RowSweep.TightenAsync"/>
    public Task TightenAsync(CancellationToken cancellationToken) => rows.TightenAsync(cancellationToken);
}
