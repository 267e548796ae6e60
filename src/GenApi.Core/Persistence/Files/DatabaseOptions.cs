using GenApi.Core.Errors;
using Microsoft.Extensions.Configuration;

namespace GenApi.Core.Persistence.Files;

/// <summary>The place of the rows: the section <c>Database</c>, and <c>DataDirectory</c> from the root of the configuration.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>
    /// The folder of everything that must last: the database, the images, the keys. It is relative to the working directory, is made if it
    /// is missing, and belongs to one process at a time. Beside PostgreSQL it holds no database and no keys.
    /// </summary>
    /// <value>a folder</value>
    [ConfigurationKeyName("DataDirectory")]
    public string DataDirectory { get; set; } = "data";

    /// <summary>The kind of database that stores the rows.</summary>
    /// <value><c>sqlite</c> or <c>postgres</c></value>
    public string Provider { get; set; } = "sqlite";

    /// <summary>
    /// The place of the database. SQLite: empty for <c>genapi.db</c> in <c>DataDirectory</c>. PostgreSQL: required, such as
    /// <c>Host=db;Database=genapi;Username=genapi;Password=…</c>.
    /// </summary>
    /// <value>a connection string of SQLite or PostgreSQL</value>
    public string ConnectionString { get; set; } = "";

    /// <summary>True if the rows are in PostgreSQL, which several instances may share.</summary>
    /// <exception cref="SettingException">The provider is not known.</exception>
    internal bool IsPostgres => Provider switch
    {
        _ when Provider.Equals("postgres", StringComparison.OrdinalIgnoreCase) => true,
        _ when Provider.Equals("sqlite", StringComparison.OrdinalIgnoreCase) => false,
        _ => throw new SettingException($"{Section}:{nameof(Provider)}", $"'{Provider}' is not known. Allowed: sqlite, postgres."),
    };
}
