using GenApi.Core.Persistence.Files;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>The place of the SQLite file by the settings.</summary>
public sealed class DatabaseLocation(IOptions<DatabaseOptions> options, DataDirectory directory)
{
    /// <summary>The name of the file in the data directory.</summary>
    internal const string FileName = "genapi.db";

    /// <summary>The connection string of the file.</summary>
    public string ConnectionString => options.Value.ConnectionString.Length > 0
        ? options.Value.ConnectionString
        : new SqliteConnectionStringBuilder
        {
            DataSource = StandardFile,
            // A shared cache would turn contention into SQLITE_LOCKED, which the busy timeout does not cover.
            Cache = SqliteCacheMode.Private,
            // How long the provider itself retries a locked database, on top of SQLite's own time-out; its default is 30 s.
            DefaultTimeout = SqlitePragmas.BusySeconds,
        }.ToString();

    /// <summary>The file in the data directory that is used where the settings name no other place.</summary>
    internal string StandardFile => directory.PathOf(FileName);

    internal bool HasStandardFile => new FileInfo(StandardFile) is { Exists: true, Length: > 0 };

    /// <summary>The database file; null where there is none, such as for a database in memory.</summary>
    public string? Path =>
        new SqliteConnectionStringBuilder(ConnectionString).DataSource is { Length: > 0 } source && !source.StartsWith(':')
        && !source.StartsWith("file:", StringComparison.Ordinal)
        ? System.IO.Path.GetFullPath(source)
        : null;

    /// <summary>True if there is a database; also true if no file would show it.</summary>
    public bool HasDatabase => Path is not { } path || new FileInfo(path) is { Exists: true, Length: > 0 };
}
