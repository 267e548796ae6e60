namespace GenApi.Core.Blobs;

/// <summary>
/// Names under which committed bytes are found while no row holds their key (<see cref="StagedBlob.Receipt"/>). Receipts only save work, so
/// a failure to list or drop one is no error.
/// </summary>
public interface IBlobReceipts
{
    /// <summary>
    /// Opens the bytes committed under a receipt; the caller disposes them. Null if there are none, or if the store does not support
    /// receipts.
    /// </summary>
    Task<Stream?> OpenReceiptAsync(string receipt, CancellationToken cancellationToken);

    /// <summary>Lists all receipts.</summary>
    Task<IReadOnlyList<string>> ListReceiptsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Drops a receipt whose key is in the database, or that no one needs any more. If that fails, it takes up space until the sweep.
    /// </summary>
    Task DropReceiptAsync(string receipt, CancellationToken cancellationToken);
}
