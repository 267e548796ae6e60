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

    /// <summary>Prepares the engine for <c>MigrateAsync</c>.</summary>
    internal virtual Task BeforeMigrationAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The database file; null where the engine is a server.</summary>
    internal virtual string? FilePath => null;

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

    /// <summary>The number of rows that this connection has added, changed or removed so far, committed or not.</summary>
    internal abstract int ChangedRows { get; }

    /// <summary>Writes an unchanged value in the writer's transaction, which proves that the disk has room and accepts writes.</summary>
    internal abstract Task RewriteAsync(CancellationToken cancellationToken);

    /// <summary>Refreshes the engine's statistics where the rows have changed much. It runs in the writer's transaction.</summary>
    internal virtual Task RefreshPlansAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Empties the log next to the file if it has grown far beyond its usual length and no reader needs it.</summary>
    internal virtual Task ShortenLogAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Copies all rows as of one moment into another file, while writes go on. The returned context closes that file.</summary>
    internal abstract Task<GenApiDbContext> CopyToAsync(string path, CancellationToken cancellationToken);

    /// <summary>Queries the rows of an entity through one index and no other, whatever the engine's statistics say.</summary>
    /// <param name="index">The name of the index; null: the primary key.</param>
    internal abstract IQueryable<T> Through<T>(string? index)
        where T : class;

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
    /// Finds at most <paramref name="atMost"/> generations with a number below <paramref name="before"/> that the account sees (null: all)
    /// and whose prompt has every word of <paramref name="words"/> (<see cref="SearchTerms"/>). It returns their numbers, highest first,
    /// and reads nothing that only other accounts see.
    /// </summary>
    /// <returns>Null where the words have nothing that a prompt could contain.</returns>
    internal abstract IQueryable<long>? NumbersOfPromptsWith(Guid? account, string words, long before, int atMost);

    /// <summary>
    /// Returns whether all rows are in the search index. After an upgrade that changed the index, rows are added step by step.
    /// </summary>
    internal abstract Task<bool> IsSearchCompleteAsync(CancellationToken cancellationToken);

    /// <summary>Adds more rows to the search index, the newest first. It runs in the writer's transaction.</summary>
    /// <returns>The number of documents added; 0: the index is complete.</returns>
    internal abstract Task<int> ContinueSearchAsync(CancellationToken cancellationToken);
}
