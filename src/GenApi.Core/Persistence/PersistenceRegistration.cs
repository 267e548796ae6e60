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
    /// <summary>The context, the writer, and the migration at start; register it before any feature that has a hosted service.</summary>
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
        services.AddSingleton<DatabaseWriter>();
        services.AddSingleton<DatabaseMigrator>();
        services.AddSingleton(provider => new DatabaseVisit(
            provider.GetRequiredService<DataDirectory>(), provider.GetRequiredService<DatabaseLocation>(),
            provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(), provider));
        services.AddSingleton<SearchFill>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseMigrator>());
        services.AddHostedService(provider => provider.GetRequiredService<SearchFill>());
        services.AddSingleton<PageCursors>();
        services.AddHostedService(provider => provider.GetRequiredService<PageCursors>());
        return services;
    }

    /// <summary>
    /// Does beside the rest of a start, on another core, what the first use of the database would hold it up for: the model of the tables is loaded and
    /// the first query is compiled, with a database in memory. The start finds that done, or waits for it where it is not yet. Call it before anything else.
    /// </summary>
    /// <param name="first">The first query that a start asks for.</param>
    internal static void WarmUp<T>(Func<GenApiDbContext, IQueryable<T>> first) => _ = Task.Run(async () =>
    {
        await using var db = new SqliteGenApiDbContext((DbContextOptions<SqliteGenApiDbContext>)Configure(new DbContextOptionsBuilder<SqliteGenApiDbContext>(), "Data Source=:memory:").Options);
        await db.AppliedMigrationsAsync(CancellationToken.None);
        // Compiled, and not run: there are no tables here.
        await using var _ = first(db).AsAsyncEnumerable().GetAsyncEnumerator();
    });

    /// <summary>In this order, which a container's own options begin with too: only options in the same order share what was made ready.</summary>
    internal static DbContextOptionsBuilder Configure(DbContextOptionsBuilder context, string connectionString,
        DatabaseWatch? watch = null) =>
        context.AddInterceptors(new SqlitePragmas(watch)).UseSqlite(connectionString).ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));

    /// <summary><see cref="IDbContextFactory{TContext}"/> is not covariant.</summary>
    private sealed class AnyContext<TContext>(IDbContextFactory<TContext> inner) : IDbContextFactory<GenApiDbContext>
        where TContext : GenApiDbContext
    {
        public GenApiDbContext CreateDbContext() => inner.CreateDbContext();

        public async Task<GenApiDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
            await inner.CreateDbContextAsync(cancellationToken);
    }
}
