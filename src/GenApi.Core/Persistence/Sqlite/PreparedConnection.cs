using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>
/// A connection that keeps prepared statements while it is open. The provider parses and plans the statement of each command, and EF makes
/// a command for each statement, so a connection that stays open would plan the same few statements again and again.
/// </summary>
internal sealed class PreparedConnection : SqliteConnection
{
    /// <summary>SQLITE_DBCONFIG_ENABLE_QPSG: the plan of a statement never depends on its values.</summary>
    private const int EnableQpsg = 1007;

    private readonly PreparedStatements _statements;

    /// <param name="connectionString">The connection string of the file.</param>
    public PreparedConnection(string? connectionString)
        : base(connectionString) => _statements = new(CreateCommand, () => Transaction);

    /// <summary>The number of statements that are kept.</summary>
    internal int Kept => _statements.Count;

    public override void Open()
    {
        base.Open();
        // Otherwise SQLite plans a statement with LIMIT @p again at each use, and one whose values could meet the condition of a partial
        // index (findings/sqlite-bound-limit.sh). Our partial indexes depend on constants only.
        SqliteException.ThrowExceptionForRC(raw.sqlite3_db_config(Handle!, EnableQpsg, 1, out _), Handle);
    }

    public override void Close()
    {
        // They belong to the handle, which goes back to the provider's pool and may be another one at the next opening.
        _statements.Forget();
        base.Close();
    }

    protected override DbCommand CreateDbCommand() => new PreparedCommand(this, _statements);
}
