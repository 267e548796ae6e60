using GenApi.Core.Persistence.Search;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence;

/// <summary>
/// The context of all tables. It knows no entity: a scan finds the mapping in each entity's file, and features use
/// <c>db.Set&lt;T&gt;()</c>. So this room depends on no feature.
/// </summary>
public abstract class GenApiDbContext(DbContextOptions options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(GenApiDbContext).Assembly);

    /// <summary>
    /// The time in a work of the writer: the same for all works of one transaction, and never earlier than that of a transaction before it.
    /// On a server it is the clock of the server, which all instances share. So leases and terms are compared with this.
    /// </summary>
    /// <exception cref="InvalidOperationException">No transaction of the writer is open on this context.</exception>
    public DateTimeOffset Now =>
        _now ?? throw new InvalidOperationException("Only a work of the writer has the time of its transaction.");

    private DateTimeOffset? _now;

    /// <summary>Sets <see cref="Now"/> for a transaction of the writer; null: it has ended.</summary>
    internal void SetNow(DateTimeOffset? now) => _now = now;

    /// <summary>True if several processes may write, on one or on several machines.</summary>
    internal virtual bool IsServer => false;

    /// <summary>
    /// Makes a context for the writer, with its own connection, which keeps prepared statements. It is not one of the pool, whose
    /// connections are opened for each use.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for a server.</param>
    internal abstract Task<GenApiDbContext> ForWriterAsync(CancellationToken cancellationToken);

    /// <summary>Begins a transaction of the writer. No other transaction of any writer runs until it ends.</summary>
    /// <param name="mark">Identifies the transaction.</param>
    /// <param name="isRepeat">Whether it was begun before on another connection, so it may have been committed there.</param>
    /// <param name="works">The number of works that it will hold.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal abstract Task<WriteTransaction> BeginWriteAsync(
        WriteMark mark, bool isRepeat, int works, CancellationToken cancellationToken);

    /// <summary>Prepares the engine for <c>MigrateAsync</c>.</summary>
    internal virtual Task BeforeMigrationAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Makes all tables in an empty database.</summary>
    internal virtual Task MakeTablesAsync(CancellationToken cancellationToken) => Database.MigrateAsync(cancellationToken);

    /// <summary>The database file; null where the engine is a server.</summary>
    internal virtual string? FilePath => null;

    /// <summary>Returns the size of the database on the disk, in bytes; null: not known.</summary>
    internal abstract Task<long?> SizeAsync(CancellationToken cancellationToken);

    /// <summary>Returns an action that closes the pooled connections; it also works after this context is disposed.</summary>
    internal virtual Action PoolCloser() => static () => { };

    /// <summary>Lists the applied migrations in their order; empty where there was none.</summary>
    internal abstract Task<IReadOnlyList<string>> AppliedMigrationsAsync(CancellationToken cancellationToken);

    /// <summary>Returns whether there is any table, ours or not.</summary>
    internal abstract Task<bool> HasTablesAsync(CancellationToken cancellationToken);

    /// <summary>Lists the damages of the database, a sentence each.</summary>
    /// <param name="mayWrite">Whether the connection may write; some checks need that, but nothing is changed.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    internal abstract Task<IReadOnlyList<string>> DamagesAsync(bool mayWrite, CancellationToken cancellationToken);

    /// <summary>
    /// Finds the first damage of the pages of the database, as a sentence; null: none. It does not compare indexes with rows, so it reads
    /// each page once.
    /// </summary>
    internal abstract Task<string?> FirstDamageAsync(CancellationToken cancellationToken);

    /// <summary>Rebuilds everything that can be derived from rows.</summary>
    internal abstract Task RebuildIndexesAsync(CancellationToken cancellationToken);

    /// <summary>Returns the space of deleted rows to the disk. No other process may use the database meanwhile.</summary>
    internal abstract Task CompactAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Returns a part of the space of deleted rows to the disk, small enough that no other write has to wait. It runs in the writer's
    /// transaction.
    /// </summary>
    /// <returns>Whether there is more to return.</returns>
    internal virtual Task<bool> ReturnSpaceAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Writes an unchanged value in the writer's transaction, which proves that the disk has room and accepts writes.</summary>
    internal abstract Task RewriteAsync(CancellationToken cancellationToken);

    /// <summary>Refreshes the engine's statistics where the rows have changed much. It runs in the writer's transaction.</summary>
    internal virtual Task RefreshPlansAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Empties the log next to the file if it has grown far beyond its usual length and no reader needs it.</summary>
    internal virtual Task ShortenLogAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Copies all rows as of one moment into another file, while writes go on. The returned context closes that file.</summary>
    internal abstract Task<GenApiDbContext> CopyToAsync(string path, CancellationToken cancellationToken);

    /// <summary>Reads the clock of the server; null where there is no server.</summary>
    internal virtual Task<DateTimeOffset?> ClockAsync(CancellationToken cancellationToken) => Task.FromResult<DateTimeOffset?>(null);

    /// <summary>
    /// Returns whether the database was restored from a copy since this was last asked. It may lack what was sent and paid for since that
    /// copy was made. A new database counts as restored. It runs in a transaction.
    /// </summary>
    internal virtual Task<bool> WasRestoredAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>The stored sums of money and usage, compared with the rows.</summary>
    internal abstract LedgerSums Sums { get; }

    /// <summary>Returns an id as this engine stores it, for a statement that GenApi writes itself.</summary>
    protected abstract object Stored(Guid id);

    /// <summary>Returns a value as a statement of this engine needs it.</summary>
    internal object ToStored(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => Stored(id),
        _ => value,
    };

    /// <summary>
    /// Lists the different values of a text column among the rows of one account. Each value costs one step of an index on both columns,
    /// however many rows have it. Values that do not exist are skipped at the server, not in many questions.
    /// </summary>
    /// <typeparam name="T">The entity.</typeparam>
    /// <param name="accountColumn">The column with the account.</param>
    /// <param name="column">The text column.</param>
    /// <param name="account">The account.</param>
    internal IQueryable<string> DistinctTexts<T>(string accountColumn, string column, Guid account)
        where T : class
    {
        var table = Model.FindEntityType(typeof(T))!.GetTableName();
        // The names are those of members.
        var values =
            $$"""
            WITH RECURSIVE own("Value") AS (
                SELECT min("{{column}}") FROM "{{table}}" WHERE "{{accountColumn}}" = {0}
                UNION ALL SELECT (SELECT min("{{column}}") FROM "{{table}}" WHERE "{{accountColumn}}" = {0} AND "{{column}}" > own."Value")
                FROM own WHERE own."Value" IS NOT NULL)
            SELECT "Value" FROM own WHERE "Value" IS NOT NULL
            """;
        return Database.SqlQueryRaw<string>(values, Stored(account));
    }

    /// <summary>Queries the rows of an entity through one index and no other, whatever the engine's statistics say.</summary>
    /// <param name="index">The name of the index; null: the primary key.</param>
    internal abstract IQueryable<T> Through<T>(string? index)
        where T : class;

    /// <summary>
    /// Claims open generations that nobody holds, in the writer's transaction: one statement checks each row and gives it the owner, the
    /// end and the next epoch. A row that another transaction has locked is left out.
    /// </summary>
    /// <param name="numbers">The numbers of the generations.</param>
    /// <param name="lease">The owner and the end; its epoch does not count.</param>
    /// <param name="cancellationToken">Ends the claim.</param>
    /// <returns>The numbers of those that are claimed now.</returns>
    internal abstract Task<IReadOnlySet<long>> ClaimGenerationsAsync(
        IReadOnlyCollection<long> numbers, Lease lease, CancellationToken cancellationToken);

    /// <summary>
    /// Lets an account find a generation by its prompt, in the writer's transaction that makes the row or the grant. The account finds it
    /// until that row is deleted.
    /// </summary>
    /// <param name="number">The number of the generation.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="account">The account that sees it.</param>
    /// <param name="isNew">Whether the row is new, so that administrators find it too.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    internal abstract Task AddToSearchAsync(long number, string prompt, Guid account, bool isNew, CancellationToken cancellationToken);

    /// <summary>
    /// Finds at most <paramref name="atMost"/> generations with a number below <paramref name="beyond"/> (upwards: above it) that the
    /// account sees (null: all) and whose prompt has every word of <paramref name="words"/> (<see cref="SearchTerms"/>). It returns their
    /// numbers, highest first (upwards: lowest first), and reads nothing that only other accounts see.
    /// </summary>
    /// <returns>Null where the words have nothing that a prompt could contain.</returns>
    internal abstract IQueryable<long>? NumbersOfPromptsWith(Guid? account, string words, long beyond, int atMost, bool isUpwards);

    /// <summary>
    /// Returns whether all rows are in the search index. After an upgrade that changed the index, rows are added step by step.
    /// </summary>
    internal abstract Task<bool> IsSearchCompleteAsync(CancellationToken cancellationToken);

    /// <summary>Adds more rows to the search index, the newest first. It runs in the writer's transaction.</summary>
    /// <returns>The number of documents added; 0: the index is complete.</returns>
    internal abstract Task<int> ContinueSearchAsync(CancellationToken cancellationToken);
}
