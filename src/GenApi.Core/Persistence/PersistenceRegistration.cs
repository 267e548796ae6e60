using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Postgres;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

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
        services.TryAddSingleton<InstanceName>();
        services.AddSingleton<DataDirectory>();
        services.AddSingleton<DatabaseLocation>();
        services.AddSingleton<DiskReserve>();
        services.AddSingleton<DatabaseWatch>();
        services.AddSingleton<PostgresSource>();
        services.AddPooledDbContextFactory<SqliteGenApiDbContext>((provider, context) => Configure(
            context, provider.GetRequiredService<DatabaseLocation>().ConnectionString, provider.GetRequiredService<DatabaseWatch>()));
        services.AddPooledDbContextFactory<PostgresGenApiDbContext>((provider, context) => Configure(
            context, provider.GetRequiredService<PostgresSource>()));
        services.AddSingleton(static provider => IsPostgres(provider) ? PostgresContexts(provider) : SqliteContexts(provider));
        services.AddSingleton(static provider => IsPostgres(provider)
            ? (IDatabaseHealth)ActivatorUtilities.CreateInstance<PostgresHealth>(provider)
            : ActivatorUtilities.CreateInstance<SqliteHealth>(provider));
        services.AddSingleton(static provider => IsPostgres(provider)
            ? (IDatabaseStart)ActivatorUtilities.CreateInstance<PostgresMigrator>(provider)
            : ActivatorUtilities.CreateInstance<SqliteMigrator>(provider));
        services.AddSingleton(static provider =>
        {
            // What is made first is disposed of last: the database is closed after its writer, whichever is asked for first.
            provider.GetRequiredService<IDatabaseStart>();
            return ActivatorUtilities.CreateInstance<DatabaseWriter>(provider);
        });
        services.AddSingleton(static provider => new DatabaseVisit(
            provider.GetRequiredService<IDatabaseStart>(), provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>()));
        services.AddOptions<SecretOptions>().BindConfiguration(SecretOptions.Section);
        services.AddSingleton<DatabaseSecrets>();
        services.AddSingleton(static provider => IsPostgres(provider)
            ? (ISecretStore)provider.GetRequiredService<DatabaseSecrets>()
            : ActivatorUtilities.CreateInstance<FileSecrets>(provider));
        services.AddSingleton<SearchFill>();
        services.AddHostedService(static provider => new Migration(
            provider.GetRequiredService<DataDirectory>(), provider.GetRequiredService<IDatabaseStart>(),
            provider.GetRequiredService<ISecretStore>() as IPreparation));
        services.AddHostedService(provider => provider.GetRequiredService<SearchFill>());
        services.AddSingleton<PageCursors>();
        services.AddHostedService(provider => provider.GetRequiredService<PageCursors>());
        return services;
    }

    /// <summary>
    /// Warms the database up on another core, in parallel with the rest of the start, with a database in memory: EF makes its services,
    /// and then the model of the tables, which the first query of EF needs. The start finds that done, or waits for it. Call it before
    /// anything else.
    /// </summary>
    internal static void WarmUp() => _ = Task.Run(async () =>
    {
        SqliteMemory.StopCounting();
        await using var db = new SqliteGenApiDbContext(
            (DbContextOptions<SqliteGenApiDbContext>)Configure(
                new DbContextOptionsBuilder<SqliteGenApiDbContext>(), "Data Source=:memory:").Options);
        await db.AppliedMigrationsAsync(CancellationToken.None);
        _ = db.Model;
    });

    /// <summary>
    /// Configures a context in the order in which a container's own options begin: only options in the same order share what the warm-up
    /// made.
    /// </summary>
    internal static DbContextOptionsBuilder Configure(
        DbContextOptionsBuilder context, string connectionString, DatabaseWatch? watch = null) =>
        context.AddInterceptors(new SqlitePragmas(watch)).UseSqlite(connectionString)
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));

    /// <summary>Returns whether the settings name PostgreSQL.</summary>
    /// <exception cref="Errors.SettingException">The provider is not known.</exception>
    internal static bool IsPostgres(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.IsPostgres;

    internal static IDbContextFactory<GenApiDbContext> PostgresContexts(IServiceProvider provider) =>
        new AnyContext<PostgresGenApiDbContext>(provider.GetRequiredService<IDbContextFactory<PostgresGenApiDbContext>>());

    private static AnyContext<SqliteGenApiDbContext> SqliteContexts(IServiceProvider provider) =>
        new AnyContext<SqliteGenApiDbContext>(provider.GetRequiredService<IDbContextFactory<SqliteGenApiDbContext>>());

    private static DbContextOptionsBuilder Configure(DbContextOptionsBuilder context, PostgresSource source) =>
        context.AddInterceptors(new EfStatements()).UseNpgsql(source.ConnectionString)
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));

    /// <summary>
    /// Takes the data directory and prepares the database at the start. It is not the database's start itself, which the container would
    /// dispose of once more in the turn of this service: too early.
    /// </summary>
    private sealed class Migration(DataDirectory directory, IDatabaseStart database, IPreparation? secrets) : IPreparation
    {
        public async Task PrepareAsync(CancellationToken cancellationToken)
        {
            directory.Acquire();
            await database.PrepareAsync(cancellationToken);
            if (secrets is not null)
                await secrets.PrepareAsync(cancellationToken);
        }
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
