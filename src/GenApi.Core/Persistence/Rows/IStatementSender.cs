namespace GenApi.Core.Persistence.Rows;

/// <summary>A statement with its values.</summary>
/// <param name="Text">A constant; its values are @p0, @p1, ….</param>
/// <param name="Values">The values.</param>
internal readonly record struct RowStatement(string Text, params RowValue[] Values);

/// <summary>
/// Sends the statements of a transaction to a server. Those whose result nobody waits for go with the next one, in one round trip.
/// </summary>
internal interface IStatementSender
{
    /// <summary>Adds a statement to what is sent next.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="then">Called with the number of changed rows before anything else of the transaction goes on; null: nothing.</param>
    void Add(RowStatement statement, Func<int, Task>? then);

    /// <summary>Sends what was added, then the statement.</summary>
    /// <returns>The number of rows that the statement changed.</returns>
    Task<int> ExecuteAsync(RowStatement statement, CancellationToken cancellationToken);

    /// <summary>Sends what was added, then the queries.</summary>
    /// <returns>The rows of each query.</returns>
    Task<List<T>[]> QueryAsync<T>(
        IReadOnlyList<RowStatement> queries, Func<RowReader, T> read, CancellationToken cancellationToken);
}
