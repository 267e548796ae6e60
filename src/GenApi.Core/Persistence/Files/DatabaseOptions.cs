using Microsoft.Extensions.Configuration;

namespace GenApi.Core.Persistence.Files;

/// <summary>The place of the rows: the section <c>Database</c>, and <c>DataDirectory</c> from the root of the configuration.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>The folder of the SQLite file, the blobs and the lock, relative to the working directory. It is made when absent.</summary>
    [ConfigurationKeyName("DataDirectory")]
    public string DataDirectory { get; set; } = "data";

    /// <summary>Only <c>sqlite</c> so far.</summary>
    public string Provider { get; set; } = "sqlite";

    /// <summary>Empty: <c>genapi.db</c> in <see cref="DataDirectory"/>.</summary>
    public string ConnectionString { get; set; } = "";
}
