using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace GenApi.Tests.Persistence;

/// <summary>
/// Records the EF queries of one service. Make it before the service: for a second without a listener EF does not report commands at all.
/// </summary>
internal sealed class AskedQueries : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly List<IDisposable> _subscriptions = [];
    private readonly ConcurrentQueue<AskedQuery> _all = new();
    private readonly string _containing;

    public AskedQueries(string containing)
    {
        _containing = containing;
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    public string Folder { get; set; } = "not known yet";

    public IReadOnlyCollection<AskedQuery> All => _all;

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory.Name)
            _subscriptions.Add(value.Subscribe(this, name => name == RelationalEventId.CommandExecuted.Name));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is CommandExecutedEventData { ExecuteMethod: DbCommandMethod.ExecuteReader, Command: SqliteCommand command }
            && command.Connection!.DataSource.StartsWith(Folder, StringComparison.Ordinal)
                && command.CommandText.Contains(_containing, StringComparison.Ordinal))
            _all.Enqueue(
                new(command.CommandText, [.. command.Parameters.Cast<SqliteParameter>().Select(each => (each.ParameterName, each.Value))]));
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => _subscriptions.ForEach(each => each.Dispose());
}

/// <summary>One command, to be run again.</summary>
internal sealed record AskedQuery(string Text, IReadOnlyList<(string Name, object? Value)> Parameters)
{
    /// <summary>SQLite's query plan, a line for each table.</summary>
    public async Task<IReadOnlyList<string>> PlanAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "EXPLAIN QUERY PLAN ");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            lines.Add(reader.GetString(3));
        return lines;
    }

    /// <summary>The number of steps of SQLite's virtual machine.</summary>
    public int Steps(SqliteConnection connection)
    {
        // Not by a command: the full-text index makes statements of its own, and a command does not show which is its.
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_prepare_v2(connection.Handle!, Text, out var statement));
        using (statement)
        {
            foreach (var (name, value) in Parameters)
                Assert.Equal(
                    raw.SQLITE_OK, Bind(
                        statement, raw.sqlite3_bind_parameter_index(statement, name.StartsWith('@') ? name : $"@{name}"), value));
            int code;
            while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
            }
            Assert.True(code == raw.SQLITE_DONE, $"{raw.sqlite3_errmsg(connection.Handle!).utf8_to_string()}: {Text}");
            return raw.sqlite3_stmt_status(statement, raw.SQLITE_STMTSTATUS_VM_STEP, 0);
        }
    }

    private static int Bind(sqlite3_stmt statement, int at, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(statement, at),
        string text => raw.sqlite3_bind_text(statement, at, text),
        byte[] bytes => raw.sqlite3_bind_blob(statement, at, bytes),
        _ => raw.sqlite3_bind_int64(statement, at, Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };

    private SqliteCommand Command(SqliteConnection connection, string before)
    {
        var command = connection.CreateCommand();
        command.CommandText = before + Text;
        foreach (var (name, value) in Parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
}
