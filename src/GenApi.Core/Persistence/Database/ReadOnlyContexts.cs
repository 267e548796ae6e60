using GenApi.Core.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Makes read-only contexts, for a process that reads the database whether or not a service uses it. It makes no file. For a database in
/// WAL mode, SQLite makes the log and its index even to read, unless the database is marked immutable. Without a log next to the file no
/// process writes.
/// </summary>
internal sealed class ReadOnlyContexts(DatabaseLocation location) : IDbContextFactory<GenApiDbContext>
{
    public GenApiDbContext CreateDbContext() => new SqliteGenApiDbContext(
        (DbContextOptions<SqliteGenApiDbContext>)PersistenceRegistration
            .Configure(new DbContextOptionsBuilder<SqliteGenApiDbContext>(), ConnectionString()).Options);

    // Each context has its own connection and closes it, so the next one notices a log that appeared or went.
    private string ConnectionString()
    {
        var builder = new SqliteConnectionStringBuilder(location.ConnectionString) { Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        if (location.Path is { } path && !File.Exists(path + "-wal"))
            builder.DataSource = $"{AsUri(path)}?immutable=1";
        return builder.ToString();
    }

    /// <summary>Escapes the three special characters of SQLite's URIs: https://sqlite.org/uri.html.</summary>
    private static string AsUri(string path)
    {
        var escaped = path.Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3f", StringComparison.Ordinal)
            .Replace("#", "%23", StringComparison.Ordinal);
        return OperatingSystem.IsWindows() ? $"file:///{escaped.Replace('\\', '/')}" : $"file:{escaped}";
    }
}

/// <summary>Opens the database for verbs that only read.</summary>
public static class ReadOnlyDatabase
{
    /// <summary>
    /// Makes every context of the service read-only. The service can't be started then. A server has no files that a reader would make, so
    /// its contexts stay as they are.
    /// </summary>
    public static IServiceCollection AddReadOnlyDatabase(this IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton(static provider => PersistenceRegistration.IsPostgres(provider)
            ? PersistenceRegistration.PostgresContexts(provider)
            : ActivatorUtilities.CreateInstance<ReadOnlyContexts>(provider)));
}
