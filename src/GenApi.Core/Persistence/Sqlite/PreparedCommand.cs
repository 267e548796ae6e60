using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>A command that runs a statement kept by its connection, and gives it back instead of ending it.</summary>
/// <param name="connection">The connection.</param>
/// <param name="statements">Its statements.</param>
internal sealed class PreparedCommand(SqliteConnection connection, PreparedStatements statements) : DbCommand
{
    /// <summary>A statement with a longer value is not kept, because SQLite would hold the value.</summary>
    private const int LongestValue = 65_536;

    private SqliteCommand? _command;
    private SqliteTransaction? _transaction;
    private int? _timeout;

    [AllowNull]
    public override string CommandText
    {
        get => _command?.CommandText ?? "";
        set
        {
            GiveBack();
            if (string.IsNullOrEmpty(value))
                return;
            _command = statements.Take(value);
            _command.CommandTimeout = _timeout ?? connection.DefaultTimeout;
            if (_transaction is not null)
                _command.Transaction = _transaction;
        }
    }

    public override int CommandTimeout
    {
        get => _command?.CommandTimeout ?? _timeout ?? connection.DefaultTimeout;
        set
        {
            // EF sets some properties before the text, and some after it.
            _timeout = value;
            if (_command is { } command)
                command.CommandTimeout = value;
        }
    }

    public override CommandType CommandType
    {
        get => CommandType.Text;
        set
        {
            if (value != CommandType.Text)
                throw new NotSupportedException("SQLite runs text only.");
        }
    }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => throw new NotSupportedException("The command belongs to its connection.");
    }

    protected override DbParameterCollection DbParameterCollection => Command.Parameters;

    protected override DbTransaction? DbTransaction
    {
        get => _command?.Transaction ?? _transaction;
        set
        {
            _transaction = (SqliteTransaction?)value;
            if (_command is { } command)
                command.Transaction = _transaction;
        }
    }

    private SqliteCommand Command => _command ?? throw new InvalidOperationException("The command has no text yet.");

    public override void Cancel() => Command.Cancel();

    public override int ExecuteNonQuery() => Command.ExecuteNonQuery();

    public override object? ExecuteScalar() => Command.ExecuteScalar();

    public override void Prepare() => Command.Prepare();

    protected override DbParameter CreateDbParameter() => new SqliteParameter();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Command.ExecuteReader(behavior);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            GiveBack();
        base.Dispose(disposing);
    }

    private void GiveBack()
    {
        if (_command is not { } command)
            return;
        _command = null;
        var isLarge = false;
        foreach (SqliteParameter parameter in command.Parameters)
            isLarge |= parameter.Value is string { Length: > LongestValue } or byte[] { Length: > LongestValue };
        statements.Return(command, isLarge);
    }
}
