using Microsoft.Extensions.Configuration;

namespace GenApi.Core.Persistence.Files;

/// <summary>The place of the rows: the section <c>Database</c>, and <c>DataDirectory</c> from the root of the configuration.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>
    /// The folder of everything that must last: the database, the images, the keys. It is relative to the working directory, is made if it
    /// is missing, and belongs to one process at a time.
    /// </summary>
    /// <value>a folder</value>
    [ConfigurationKeyName("DataDirectory")]
    public string DataDirectory { get; set; } = "data";

    /// <summary>The kind of database that stores the rows.</summary>
    /// <value><c>sqlite</c></value>
    public string Provider { get; set; } = "sqlite";

    /// <summary>Empty: <c>genapi.db</c> in <c>DataDirectory</c>.</summary>
    /// <value>a SQLite connection string</value>
    public string ConnectionString { get; set; } = "";
}
