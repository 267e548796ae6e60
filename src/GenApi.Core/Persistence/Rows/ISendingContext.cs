namespace GenApi.Core.Persistence.Rows;

/// <summary>A context whose statements may wait for each other.</summary>
internal interface ISendingContext
{
    /// <summary>Sends the statements of a transaction of the writer to a server; null: each goes at once and alone.</summary>
    IStatementSender? Sender { get; }
}
