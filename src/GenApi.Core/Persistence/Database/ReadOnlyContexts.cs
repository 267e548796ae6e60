using GenApi.Core.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Contexts that can only read, for a process that looks at the database whether or not a service is using it. It makes no file: SQLite
/// opens a database in WAL mode
/// for reading by making its log and the index of that, unless it is told that nobody writes. Without a log beside the file nobody does.
/// </summary>
internal sealed class ReadOnlyContexts(DatabaseLocation location) : IDbContextFactory<GenApiDbContext>
{
    public GenApiDbContext CreateDbContext() => new SqliteGenApiDbContext(
        (DbContextOptions<SqliteGenApiDbContext>)PersistenceRegistration
            .Configure(new DbContextOptionsBuilder<SqliteGenApiDbContext>(), ConnectionString()).Options);

    // Each its own connection, closed with it: a log that appears or goes is noticed by the next.
    private string ConnectionString()
    {
        var builder = new SqliteConnectionStringBuilder(location.ConnectionString) { Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        if (location.Path is { } path && !File.Exists(path + "-wal"))
            builder.DataSource = $"{AsUri(path)}?immutable=1";
        return builder.ToString();
    }

    /// <summary>For SQLite, for which only these three mean something else: https://sqlite.org/uri.html.</summary>
    private static string AsUri(string path)
    {
        var escaped = path.Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3f", StringComparison.Ordinal)
            .Replace("#", "%23", StringComparison.Ordinal);
        return OperatingSystem.IsWindows() ? $"file:///{escaped.Replace('\\', '/')}" : $"file:{escaped}";
    }
}

/// <summary>For verbs that only read.</summary>
public static class ReadOnlyDatabase
{
    /// <summary>Makes every context of the service one that can only read. Nothing of the service may be started then.</summary>
    public static IServiceCollection AddReadOnlyDatabase(this IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton<IDbContextFactory<GenApiDbContext>, ReadOnlyContexts>());
}
