using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>
/// A connection that keeps prepared statements while it is open. The provider parses and plans the statement of each command, and EF makes
/// a command for each statement, so a connection that stays open would plan the same few statements again and again.
/// </summary>
internal sealed class PreparedConnection : SqliteConnection
{
    private readonly PreparedStatements _statements;

    /// <param name="connectionString">The connection string of the file.</param>
    public PreparedConnection(string? connectionString)
        : base(connectionString) => _statements = new(CreateCommand, () => Transaction);

    /// <summary>The number of statements that are kept.</summary>
    internal int Kept => _statements.Count;

    public override void Close()
    {
        // They belong to the handle, which goes back to the provider's pool and may be another one at the next opening.
        _statements.Forget();
        base.Close();
    }

    protected override DbCommand CreateDbCommand() => new PreparedCommand(this, _statements);
}
