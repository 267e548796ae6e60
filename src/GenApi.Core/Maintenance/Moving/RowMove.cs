using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Transfer;

namespace GenApi.Core.Maintenance.Moving;

/// <summary>
/// Moves the rows of one table and proves that both tables are the same. Rows are copied in the order of their key, so an interrupted move
/// leaves the first part of a table; the next one compares that part and continues after it. A part that differs is copied again.
/// </summary>
internal sealed class RowMove(StoreRows source, StoreRows target, IProgress<WorkStep>? progress)
{
    /// <summary>One transaction, and the rows in memory at once; the longest rows have some 100 kB.</summary>
    private const int RowsPerStep = 1000;

    /// <summary>Moves a table.</summary>
    /// <param name="from">The table as the source stores it.</param>
    /// <param name="into">The table as the target stores it.</param>
    /// <param name="cancellationToken">Ends the move between two steps.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="GenApiException">A row can't be read or stored, or is not the same afterwards.</exception>
    public async Task<long> RunAsync(StoreTable from, StoreTable into, CancellationToken cancellationToken)
    {
        var count = await source.CountAsync(from, cancellationToken);
        var (same, isWhole) = await CompareAsync(from, into, null, count, $"comparing {from.Name}", cancellationToken);
        if (!isWhole)
        {
            await target.RemoveAsync(into, same.Key, cancellationToken);
            await CopyAsync(from, into, same, count, cancellationToken);
            (same, isWhole) = await CompareAsync(from, into, same, count, $"verifying {from.Name}", cancellationToken);
        }
        if (!isWhole)
        {
            var place = same.Key is null ? $"the first row of {from.Name}" : $"the row after {from.Describe(same.Key)}";
            throw new GenApiException(
                ErrorKind.StorageUnavailable,
                $"The copy is not the same from {place} on. The target was left incomplete; run the move again.");
        }
        if (from.Number is not null)
            await target.ContinueNumbersAsync(into, await source.LastNumberAsync(from, cancellationToken), cancellationToken);
        return count;
    }

    /// <summary>Compares both tables row by row, from a place where they are known to be the same.</summary>
    /// <returns>The last row that is the same, and whether that is the end of both.</returns>
    private async Task<(Place Same, bool IsWhole)> CompareAsync(
        StoreTable from, StoreTable into, Place? start, long count, string what, CancellationToken cancellationToken)
    {
        var same = start ?? new(null, 0);
        while (true)
        {
            var rows = await ReadAsync(from, same.Key, cancellationToken);
            var copies = await target.ReadAsync(into, same.Key, RowsPerStep, cancellationToken);
            var at = 0;
            while (at < rows.Count && at < copies.Count && AreSame(rows[at], copies[at]))
                at++;
            if (at > 0)
                same = new(from.KeyOf(rows[at - 1]), same.Rows + at);
            progress?.Report(new(what, same.Rows, count));
            if (at < rows.Count || at < copies.Count)
                return (same, false);
            if (rows.Count < RowsPerStep)
                return (same, true);
        }
    }

    private async Task CopyAsync(StoreTable from, StoreTable into, Place start, long count, CancellationToken cancellationToken)
    {
        var (after, done) = (start.Key, start.Rows);
        while (await ReadAsync(from, after, cancellationToken) is { Count: > 0 } rows)
        {
            try
            {
                await target.AddAsync(into, rows, cancellationToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                var first = from.Describe(from.KeyOf(rows[0]));
                throw new GenApiException(
                    ErrorKind.StorageUnavailable,
                    $"{rows.Count} rows from {first} on can't be stored in the target: "
                    + (failure.InnerException?.Message ?? failure.Message),
                    failure);
            }
            (after, done) = (from.KeyOf(rows[^1]), done + rows.Count);
            progress?.Report(new($"copying {from.Name}", done, count));
        }
    }

    /// <summary>Reads the next rows of the source, as the target can store them.</summary>
    private async Task<IReadOnlyList<object?[]>> ReadAsync(StoreTable from, object?[]? after, CancellationToken cancellationToken)
    {
        var rows = await source.ReadAsync(from, after, RowsPerStep, cancellationToken);
        foreach (var row in rows)
        {
            for (var at = 0; at < row.Length; at++)
                row[at] = target.Storable(row[at]);
        }
        return rows;
    }

    private static bool AreSame(object?[] row, object?[] copy)
    {
        for (var at = 0; at < row.Length; at++)
        {
            if (!StoreColumn.AreSame(row[at], copy[at]))
                return false;
        }
        return true;
    }

    /// <param name="Key">The key of a row; null: before the first.</param>
    /// <param name="Rows">The number of rows up to it.</param>
    private sealed record Place(object?[]? Key, long Rows);
}
