using GenApi.Core.Persistence.Search;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence;

/// <summary>
/// Knows no entity: each entity's file holds its own mapping, found here by scan, and features use <c>db.Set&lt;T&gt;()</c>.
/// So no arrow goes from this room to a feature.
/// </summary>
public abstract class GenApiDbContext(DbContextOptions options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(GenApiDbContext).Assembly);

    /// <summary>Whatever the engine needs before <c>MigrateAsync</c> may be called.</summary>
    internal virtual Task BeforeMigrationAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The file that holds everything; null where the engine is a server.</summary>
    internal virtual string? FilePath => null;

    /// <summary>What closes the connections that are only kept for the next one who needs one; it may be called when this context is gone.</summary>
    internal virtual Action ClosingOfUnused() => static () => { };

    /// <summary>The migrations that were made here, in their order; empty where there never was one.</summary>
    internal abstract Task<IReadOnlyList<string>> AppliedMigrationsAsync(CancellationToken cancellationToken);

    /// <summary>Whether there is any table, whoever made it.</summary>
    internal abstract Task<bool> HasTablesAsync(CancellationToken cancellationToken);

    /// <summary>What is wrong with the database itself, a sentence each; empty: nothing.</summary>
    /// <param name="mayWrite">Some looks need the right to write; nothing is changed.</param>
    internal abstract Task<IReadOnlyList<string>> DamagesAsync(bool mayWrite, CancellationToken cancellationToken);

    /// <summary>
    /// The first thing that is wrong with the pages of the database, as a sentence; null: nothing. Indexes are not held against rows, so
    /// it reads each page once.
    /// </summary>
    internal abstract Task<string?> FirstDamageAsync(CancellationToken cancellationToken);

    /// <summary>Makes whatever can be derived from rows anew.</summary>
    internal abstract Task RebuildIndexesAsync(CancellationToken cancellationToken);

    /// <summary>Gives back to the disk what deleted rows left. Nobody else may be using the database.</summary>
    internal abstract Task CompactAsync(CancellationToken cancellationToken);

    /// <summary>Gives some of the room that deleted rows left back to the disk: so little that nobody has to wait for it. In the writer's transaction.</summary>
    /// <returns>Whether that is worth doing again at once.</returns>
    internal virtual Task<bool> GiveBackRoomAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Rows that this connection has added, changed or removed so far, committed or not.</summary>
    internal abstract int ChangedRows { get; }

    /// <summary>Writes something as it is, in the writer's transaction: proves that there is room and that the disk takes it.</summary>
    internal abstract Task RewriteAsync(CancellationToken cancellationToken);

    /// <summary>Lets the engine measure anew what its plans rest on, where the rows have changed much. In the writer's transaction.</summary>
    internal virtual Task RefreshPlansAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Empties a log beside the file that has grown far beyond its usual length, if nobody stands in the way of that.</summary>
    internal virtual Task ShortenLogAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All rows as of one moment, while others write on, in a file of their own; the context of that file, which closes it.</summary>
    internal abstract Task<GenApiDbContext> CopyToAsync(string path, CancellationToken cancellationToken);

    /// <summary>The rows of an entity, to be found by one index and by no other, whatever the engine's figures say.</summary>
    /// <param name="index">Its name; null: the primary key.</param>
    internal abstract IQueryable<T> Through<T>(string? index)
        where T : class;

    /// <summary>
    /// Lets an account find a generation by its prompt, in the writer's transaction that makes the row or the grant. The account finds it
    /// until that row is deleted.
    /// </summary>
    /// <param name="number">Of the generation.</param>
    /// <param name="prompt">Its text.</param>
    /// <param name="account">Who sees it.</param>
    /// <param name="isNew">Whether administrators are to find it too, as they do from the beginning.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    internal abstract Task AddToSearchAsync(long number, string prompt, Guid account, bool isNew, CancellationToken cancellationToken);

    /// <summary>
    /// The numbers, highest first, of at most <paramref name="atMost"/> generations below <paramref name="before"/> which the account sees
    /// (null: all) and in whose prompt
    /// every word of <paramref name="words"/> is found (<see cref="SearchTerms"/>). What others see is not read.
    /// </summary>
    /// <returns>Null: nothing in the words can be found in any prompt.</returns>
    internal abstract IQueryable<long>? NumbersOfPromptsWith(Guid? account, string words, long before, int atMost);

    /// <summary>Whether all rows are in the search index. After an upgrade that changed the index they come into it step by step.</summary>
    internal abstract Task<bool> IsSearchCompleteAsync(CancellationToken cancellationToken);

    /// <summary>Puts some more rows into the search index, the newest first. In the writer's transaction.</summary>
    /// <returns>How many documents; 0: all are there.</returns>
    internal abstract Task<int> ContinueSearchAsync(CancellationToken cancellationToken);
}
