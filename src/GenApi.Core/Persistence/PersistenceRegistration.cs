using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenApi.Core.Persistence;

public static class PersistenceRegistration
{
    /// <summary>
    /// Adds the context, the writer, the migration at start, and their settings (section <c>Database</c>). Call it before any feature that
    /// has a hosted service.
    /// </summary>
    public static IServiceCollection AddPersistence(this IServiceCollection services)
    {
        services.AddOptions<DatabaseOptions>().Configure<IConfiguration>((options, configuration) =>
        {
            configuration.GetSection(DatabaseOptions.Section).Bind(options);
            if (configuration["DataDirectory"] is { Length: > 0 } directory)
                options.DataDirectory = directory;
        });
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SteadyClock>();
        services.AddSingleton<DataDirectory>();
        services.AddSingleton<DatabaseLocation>();
        services.AddSingleton<DiskReserve>();
        services.AddSingleton<DatabaseWatch>();
        services.AddPooledDbContextFactory<SqliteGenApiDbContext>((provider, context) => Configure(
            context, provider.GetRequiredService<DatabaseLocation>().ConnectionString, provider.GetRequiredService<DatabaseWatch>()));
        services.AddSingleton<IDbContextFactory<GenApiDbContext>, AnyContext<SqliteGenApiDbContext>>();
        services.AddSingleton(static provider =>
        {
            // What is made first is disposed of last: the migrator closes the database after its writer, whichever is asked for first.
            provider.GetRequiredService<DatabaseMigrator>();
            return ActivatorUtilities.CreateInstance<DatabaseWriter>(provider);
        });
        services.AddSingleton<DatabaseMigrator>();
        services.AddSingleton<DatabaseVisit>();
        services.AddSingleton<SearchFill>();
        services.AddHostedService(static provider => new Migration(provider.GetRequiredService<DatabaseMigrator>()));
        services.AddHostedService(provider => provider.GetRequiredService<SearchFill>());
        services.AddSingleton<PageCursors>();
        services.AddHostedService(provider => provider.GetRequiredService<PageCursors>());
        return services;
    }

    /// <summary>
    /// Warms the database up on another core, in parallel with the rest of the start: it loads the model of the tables and compiles the
    /// first query, with a database in memory. The start finds that done, or waits for it. Call it before anything else.
    /// </summary>
    /// <param name="first">The first query of a start.</param>
    internal static void WarmUp<T>(Func<GenApiDbContext, IQueryable<T>> first) => _ = Task.Run(async () =>
    {
        await using var db = new SqliteGenApiDbContext(
            (DbContextOptions<SqliteGenApiDbContext>)Configure(
                new DbContextOptionsBuilder<SqliteGenApiDbContext>(), "Data Source=:memory:").Options);
        await db.AppliedMigrationsAsync(CancellationToken.None);
        // Compiled but not run: there are no tables here.
        await using var _ = first(db).AsAsyncEnumerable().GetAsyncEnumerator();
    });

    /// <summary>
    /// Configures a context in the order in which a container's own options begin: only options in the same order share what the warm-up
    /// made.
    /// </summary>
    internal static DbContextOptionsBuilder Configure(
        DbContextOptionsBuilder context, string connectionString, DatabaseWatch? watch = null) =>
        context.AddInterceptors(new SqlitePragmas(watch)).UseSqlite(connectionString)
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));

    /// <summary>
    /// Runs the migrator at the start. It is not the migrator itself, which the container would dispose of once more in the turn of this
    /// service: too early.
    /// </summary>
    private sealed class Migration(DatabaseMigrator migrator) : IPreparation
    {
        public Task PrepareAsync(CancellationToken cancellationToken) => migrator.PrepareAsync(cancellationToken);
    }

    /// <summary>Adapts the factory: <see cref="IDbContextFactory{TContext}"/> is not covariant.</summary>
    private sealed class AnyContext<TContext>(IDbContextFactory<TContext> inner) : IDbContextFactory<GenApiDbContext>
        where TContext : GenApiDbContext
    {
        public GenApiDbContext CreateDbContext() => inner.CreateDbContext();

        public async Task<GenApiDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
            await inner.CreateDbContextAsync(cancellationToken);
    }
}
