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

    /// <summary>
    /// The numbers, highest first, of at most <paramref name="atMost"/> generations below <paramref name="before"/> in whose prompt every word of
    /// <paramref name="words"/> begins a word: from the engine's full-text index.
    /// </summary>
    internal abstract IQueryable<long> NumbersOfPromptsWith(string words, long before, int atMost);
}
