using SQLitePCL;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>Changes how SQLite allocates memory, for the whole process.</summary>
internal static class SqliteMemory
{
    /// <summary>SQLITE_CONFIG_MEMSTATUS.</summary>
    private const int MemoryStatus = 9;

    /// <summary>
    /// Keeps SQLite from counting the memory that it uses, which nothing here asks for: each allocation would take one lock that all
    /// connections share. Call it before the first connection is opened; later it changes nothing.
    /// </summary>
    public static void StopCounting()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(MemoryStatus, 0);
    }
}
