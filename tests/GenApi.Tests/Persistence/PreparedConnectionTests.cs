using System.Data.Common;
using System.Globalization;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GenApi.Tests.Persistence;

/// <summary>Tests that the writer's connection keeps its statements, and that a kept statement gives what a new one gives.</summary>
public sealed class PreparedConnectionTests : IDisposable
{
    private const string Insert = "INSERT INTO t(id, text) VALUES ($id, $text)";
    private const string Select = "SELECT text FROM t WHERE id = $id";

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-prepared-").FullName;
    private readonly PreparedConnection _connection;

    public PreparedConnectionTests()
    {
        _connection = new PreparedConnection(
            new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder, "test.db"), Pooling = false }.ToString());
        _connection.Open();
        Run("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT)");
    }

    public void Dispose()
    {
        _connection.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_statement_is_kept_once_and_takes_other_values_each_time()
    {
        for (var id = 1; id <= 3; id++)
            Run(Insert, ("$id", id), ("$text", $"text {id}"));
        Assert.Equal(("text 1", "text 3", null), (Text(1), Text(3), Text(4)));
        // The statement about the schema is not kept.
        Assert.Equal(2, _connection.Kept);
    }

    /// <summary>Otherwise a statement whose LIMIT is a value is planned again at each use.</summary>
    [Fact]
    public void The_plan_of_a_statement_does_not_depend_on_its_values()
    {
        const int qpsg = 1007;
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_db_config(_connection.Handle!, qpsg, -1, out var isOn));
        Assert.Equal(1, isOn);
    }

    [Fact]
    public void A_value_of_the_last_use_does_not_stay()
    {
        Run(Insert, ("$id", 1), ("$text", "first"));
        // Without its parameter the statement must not run with the old one.
        Assert.Throws<InvalidOperationException>(() => Run(Insert, ("$id", 2)));
        Assert.Null(Text(2));
        Run(Insert, ("$id", 2), ("$text", "second"));
        Assert.Equal("second", Text(2));
    }

    [Fact]
    public void A_kept_statement_sees_a_new_column_and_index()
    {
        Run(Insert, ("$id", 1), ("$text", "before"));
        Assert.Equal("before", Text(1));
        Run("ALTER TABLE t ADD COLUMN more TEXT");
        Run("CREATE INDEX i ON t(text)");
        Assert.Equal("before", Text(1));
        Run(Insert, ("$id", 2), ("$text", "after"));
        Assert.Equal("after", Text(2));
    }

    [Fact]
    public void A_statement_in_use_is_not_shared()
    {
        Run(Insert, ("$id", 1), ("$text", "one"));
        Run(Insert, ("$id", 2), ("$text", "two"));
        using var command = Command(Select, ("$id", 1));
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal("two", Text(2));
        Assert.Equal("one", reader.GetString(0));
    }

    [Fact]
    public void A_statement_with_a_large_value_is_not_kept()
    {
        Run(Insert, ("$id", 1), ("$text", new string('x', 100_000)));
        Assert.Equal(0, _connection.Kept);
        Assert.Equal(100_000, Text(1)!.Length);
    }

    [Fact]
    public void The_number_of_kept_statements_has_a_limit_and_the_oldest_go()
    {
        for (var number = 0; number < 400; number++)
        {
            Run(string.Create(CultureInfo.InvariantCulture, $"SELECT {number}"));
            // This one stays, because it is used all the time.
            Run(Insert, ("$id", number), ("$text", ""));
        }
        Assert.Equal(128, _connection.Kept);
    }

    [Fact]
    public void Closing_ends_all_statements_and_the_connection_opens_again()
    {
        Run(Insert, ("$id", 1), ("$text", "kept"));
        _connection.Close();
        Assert.Equal(0, _connection.Kept);
        _connection.Open();
        Assert.Equal("kept", Text(1));
    }

    [Fact]
    public void Statements_belong_to_the_transaction_that_is_open()
    {
        using (var first = _connection.BeginTransaction())
        {
            Run(Insert, ("$id", 1), ("$text", "undone"));
            first.Rollback();
        }
        using (var second = _connection.BeginTransaction())
        {
            Run(Insert, ("$id", 1), ("$text", "done"));
            second.Commit();
        }
        Assert.Equal("done", Text(1));
    }

    [Fact]
    public void An_invalid_statement_fails_and_leaves_nothing()
    {
        Assert.Throws<SqliteException>(() => Run("SELECT nothing FROM nowhere"));
        Assert.Equal(0, _connection.Kept);
        using var failing = Command("INSERT INTO t(id) VALUES ($id)", ("$id", 1));
        failing.ExecuteNonQuery();
        Assert.Equal(19, Assert.Throws<SqliteException>(() => failing.ExecuteNonQuery()).SqliteErrorCode);
        failing.Parameters[0].Value = 2;
        Assert.Equal(1, failing.ExecuteNonQuery());
    }

    private string? Text(int id)
    {
        using var command = Command(Select, ("$id", id));
        return (string?)command.ExecuteScalar();
    }

    private void Run(string statement, params (string Name, object Value)[] values)
    {
        using var command = Command(statement, values);
        command.ExecuteNonQuery();
    }

    private DbCommand Command(string statement, params (string Name, object Value)[] values)
    {
        var command = ((DbConnection)_connection).CreateCommand();
        // All statements are constants of this class.
        command.CommandText = statement;
        foreach (var (name, value) in values)
            command.Parameters.Add(new SqliteParameter(name, value));
        return command;
    }
}
