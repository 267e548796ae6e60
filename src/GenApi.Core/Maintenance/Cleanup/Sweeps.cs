namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>Removes rows and bytes that nothing needs any more.</summary>
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
