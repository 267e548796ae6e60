using Microsoft.Data.Sqlite;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>The prepared statements of one open connection, by their texts.</summary>
/// <param name="make">Makes a command of the connection.</param>
/// <param name="transaction">Returns the transaction that is open on the connection.</param>
internal sealed class PreparedStatements(Func<SqliteCommand> make, Func<SqliteTransaction?> transaction)
{
    /// <summary>
    /// Statements that are kept. A service runs some 60. Lists of values and batches make more; those that were not used for the longest
    /// time are removed.
    /// </summary>
    private const int MostKept = 128;

    private readonly Dictionary<string, Entry> _kept = [];
    private long _uses;

    /// <summary>The number of statements that are kept.</summary>
    public int Count => _kept.Count;

    /// <summary>Takes the command of a statement, which nobody else uses until it is given back.</summary>
    /// <returns>The command without parameters; it is prepared if it is a kept one.</returns>
    public SqliteCommand Take(string statement)
    {
        if (!IsWorthKeeping(statement))
            return Make(statement);
        if (_kept.TryGetValue(statement, out var entry))
        {
            // It is in use where one statement runs while the rows of another are read.
            if (entry.IsTaken)
                return Make(statement);
        }
        else
        {
            if (_kept.Count == MostKept)
                ForgetOldest();
            var command = Make(statement);
            try
            {
                command.Prepare();
            }
            catch
            {
                command.Dispose();
                throw;
            }
            _kept.Add(statement, entry = new Entry(command));
        }
        entry.IsTaken = true;
        entry.LastUse = ++_uses;
        // As for a new command of the provider.
        entry.Command.Transaction = transaction();
        return entry.Command;
    }

    /// <summary>Gives a command back.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isLarge">Whether its values are large. SQLite holds the last values of each statement.</param>
    public void Return(SqliteCommand command, bool isLarge)
    {
        if (!_kept.TryGetValue(command.CommandText, out var entry) || entry.Command != command)
        {
            command.Dispose();
            return;
        }
        command.Parameters.Clear();
        command.Transaction = null;
        entry.IsTaken = false;
        if (isLarge)
            Forget(command.CommandText, entry);
    }

    /// <summary>Ends all statements.</summary>
    public void Forget()
    {
        foreach (var entry in _kept.Values)
            entry.Command.Dispose();
        _kept.Clear();
    }

    /// <summary>Statements about the schema, pragmas and savepoints are rare or cheap to prepare.</summary>
    private static bool IsWorthKeeping(string statement) =>
        statement.StartsWith("SELECT", StringComparison.Ordinal) || statement.StartsWith("UPDATE", StringComparison.Ordinal)
        || statement.StartsWith("INSERT", StringComparison.Ordinal) || statement.StartsWith("DELETE", StringComparison.Ordinal)
        || statement.StartsWith("WITH", StringComparison.Ordinal);

    private SqliteCommand Make(string statement)
    {
        var command = make();
        // All statements are EF's or constants of this project; values come as parameters.
        command.CommandText = statement;
        return command;
    }

    private void ForgetOldest()
    {
        if (_kept.Where(pair => !pair.Value.IsTaken).MinBy(pair => pair.Value.LastUse) is { Value: { } entry } oldest)
            Forget(oldest.Key, entry);
    }

    private void Forget(string statement, Entry entry)
    {
        _kept.Remove(statement);
        entry.Command.Dispose();
    }

    private sealed class Entry(SqliteCommand command)
    {
        public SqliteCommand Command => command;

        public bool IsTaken { get; set; }

        public long LastUse { get; set; }
    }
}
