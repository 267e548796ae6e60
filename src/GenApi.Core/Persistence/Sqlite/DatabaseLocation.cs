using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>The place of the database by the settings.</summary>
public sealed class DatabaseLocation(IOptions<DatabaseOptions> options, DataDirectory directory)
{
    /// <exception cref="SettingException">The provider is not known.</exception>
    public string ConnectionString
    {
        get
        {
            if (!options.Value.Provider.Equals("sqlite", StringComparison.OrdinalIgnoreCase))
                throw new SettingException("Database:Provider", $"'{options.Value.Provider}' is not known. Allowed: sqlite.");
            return options.Value.ConnectionString.Length > 0
                ? options.Value.ConnectionString
                : new SqliteConnectionStringBuilder
                {
                    DataSource = directory.PathOf("genapi.db"),
                    // A shared cache would turn contention into SQLITE_LOCKED, which the busy timeout does not cover.
                    Cache = SqliteCacheMode.Private,
                    // How long the provider itself retries a locked database, on top of SQLite's own time-out; its default is 30 s.
                    DefaultTimeout = SqlitePragmas.BusySeconds,
                }.ToString();
        }
    }

    /// <summary>The database file; null where there is none, such as for a database in memory.</summary>
    public string? Path =>
        new SqliteConnectionStringBuilder(ConnectionString).DataSource is { Length: > 0 } source && !source.StartsWith(':')
        && !source.StartsWith("file:", StringComparison.Ordinal)
        ? System.IO.Path.GetFullPath(source)
        : null;

    /// <summary>True if there is a database; also true if no file would show it.</summary>
    public bool HasDatabase => Path is not { } path || new FileInfo(path) is { Exists: true, Length: > 0 };
}
