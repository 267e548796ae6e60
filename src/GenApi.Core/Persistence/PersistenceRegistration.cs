using GenApi.Core.Errors;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

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
        services.AddSingleton<DataDirectory>();
        services.AddPooledDbContextFactory<SqliteGenApiDbContext>((provider, context) => Configure(context, ConnectionString(provider)));
        services.AddSingleton<IDbContextFactory<GenApiDbContext>, AnyContext<SqliteGenApiDbContext>>();
        services.AddSingleton<DatabaseWriter>();
        services.AddSingleton<DatabaseMigrator>();
        services.AddSingleton<DatabaseVisit>();
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
    private static DbContextOptionsBuilder Configure(DbContextOptionsBuilder context, string connectionString) =>
        context.AddInterceptors(new SqlitePragmas()).UseSqlite(connectionString).ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));

    private static string ConnectionString(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        if (!options.Provider.Equals("sqlite", StringComparison.OrdinalIgnoreCase))
            throw new SettingException("Database:Provider", $"'{options.Provider}' is not known. Allowed: sqlite.");
        return options.ConnectionString.Length > 0
            ? options.ConnectionString
            : new SqliteConnectionStringBuilder
            {
                DataSource = provider.GetRequiredService<DataDirectory>().PathOf("genapi.db"),
                // A shared cache would turn contention into SQLITE_LOCKED, which the busy timeout does not cover.
                Cache = SqliteCacheMode.Private,
                // How long the provider itself goes on asking a locked database, on top of SQLite's own patience; its default is 30 s.
                DefaultTimeout = SqlitePragmas.BusySeconds,
            }.ToString();
    }

    /// <summary><see cref="IDbContextFactory{TContext}"/> is not covariant.</summary>
    private sealed class AnyContext<TContext>(IDbContextFactory<TContext> inner) : IDbContextFactory<GenApiDbContext>
        where TContext : GenApiDbContext
    {
        public GenApiDbContext CreateDbContext() => inner.CreateDbContext();

        public async Task<GenApiDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
            await inner.CreateDbContextAsync(cancellationToken);
    }
}

/// <summary>For <c>dotnet ef migrations add</c> alone.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteGenApiDbContext>
{
    public SqliteGenApiDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite("Data Source=design.db").Options);
}
