using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Maintenance.Moving;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Transfer;
using GenApi.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Maintenance;

/// <summary>Moves rows with every kind of value between a SQLite file and a PostgreSQL server, without the service.</summary>
public sealed class MoveRowsTests : IDisposable
{
    private const int RowsOfTable = 25;

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-move-").FullName;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_value_of_every_table_is_the_same_there_and_back()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var first = await SqliteAsync("first");
        await using var server = await PostgresAsync();
        await using var second = await SqliteAsync("second");
        await FillAsync(first);

        Assert.Equal(RowsOfTable * MoveChecks.TablesOf(first).Count, await MoveAsync(first, server));
        await MoveAsync(server, second);

        foreach (var table in MoveChecks.TablesOf(first))
        {
            var expected = await first.Rows.ReadAsync(table, null, 1000, Ended);
            var actual = await second.Rows.ReadAsync(table, null, 1000, Ended);
            Assert.Equal(RowsOfTable, actual.Count);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public async Task Numbers_continue_after_the_highest_ever_given_even_if_its_row_is_gone()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var first = await SqliteAsync("first");
        await using var server = await PostgresAsync();
        await using var second = await SqliteAsync("second");
        await FillAsync(first);
        var table = MoveChecks.TablesOf(first).Single(each => each.Name == "Generations");
        var rows = await first.Rows.ReadAsync(table, null, 1000, Ended);
        await first.Rows.RemoveAsync(table, table.KeyOf(rows[^3]), Ended);

        await MoveAsync(first, server);
        await MoveAsync(server, second);

        Assert.Equal(RowsOfTable, await server.Rows.LastNumberAsync(table, Ended));
        Assert.Equal(RowsOfTable, await second.Rows.LastNumberAsync(table, Ended));
        Assert.Equal(RowsOfTable + 1, await NewNumberAsync(server, table));
    }

    [Fact]
    public async Task An_interrupted_move_continues_and_a_part_that_differs_is_copied_again()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var first = await SqliteAsync("first");
        await using var server = await PostgresAsync();
        await FillAsync(first);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        var steps = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => MoveAsync(
            first, server, new Steps(_ => { if (++steps == 30) stop.Cancel(); }), stop.Token));
        var table = MoveChecks.TablesOf(server)[0];
        var moved = await server.Rows.ReadAsync(table, null, 1000, Ended);
        Assert.Equal(RowsOfTable, moved.Count);
        // A row of the half that is there already is lost, so every row after it is in the wrong place.
        await server.Rows.RemoveAsync(table, table.KeyOf(moved[10]), Ended);
        await server.Rows.AddAsync(table, [.. moved.Skip(12)], Ended);

        await MoveAsync(first, server);

        Assert.Equal(moved, await server.Rows.ReadAsync(table, null, 1000, Ended));
    }

    [Fact]
    public async Task A_zero_character_which_PostgreSQL_refuses_becomes_the_replacement_character()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var first = await SqliteAsync("first");
        await using var server = await PostgresAsync();
        await FillAsync(first);
        await first.Db.Database.ExecuteSqlRawAsync(
            "UPDATE \"Generations\" SET \"Prompt\" = 'a fox' || char(0) || 'and more' WHERE \"Number\" = 3", Ended);

        await MoveAsync(first, server);

        var table = MoveChecks.TablesOf(server).Single(each => each.Name == "Generations");
        var prompt = table.Columns.Single(column => column.Name == "Prompt");
        Assert.Equal(1, await first.Rows.CountZeroTextsAsync(table, prompt, Ended));
        var row = (await server.Rows.ReadAsync(table, [2L], 1, Ended))[0];
        Assert.Equal("a fox\uFFFDand more", row[table.Columns.ToList().IndexOf(prompt)]);
    }

    [Fact]
    public async Task A_row_that_the_target_changes_is_noticed()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var first = await SqliteAsync("first");
        await using var server = await PostgresAsync();
        await FillAsync(first);
        var (from, into) = (MoveChecks.TablesOf(first)[0], MoveChecks.TablesOf(server)[0]);
        var spoiling = new Steps(step =>
        {
            // Between the copy and its comparison.
            if (step.What.StartsWith("copying", StringComparison.Ordinal))
                server.Rows.RemoveAsync(into, null, Ended).GetAwaiter().GetResult();
        });

        var failure = await Assert.ThrowsAsync<GenApiException>(
            () => new RowMove(first.Rows, server.Rows, spoiling).RunAsync(from, into, Ended));

        Assert.Contains($"not the same from the first row of {from.Name} on", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<long> MoveAsync(
        MovedDatabase source, MovedDatabase target, IProgress<WorkStep>? progress = null, CancellationToken? until = null)
    {
        var move = new RowMove(source.Rows, target.Rows, progress);
        var rows = 0L;
        foreach (var (from, into) in MoveChecks.TablesOf(source).Zip(MoveChecks.TablesOf(target)))
        {
            Assert.Equal(from.Name, into.Name);
            Assert.Equal(from.Columns.Select(column => column.Name), into.Columns.Select(column => column.Name));
            rows += await move.RunAsync(from, into, until ?? Ended);
        }
        return rows;
    }

    private async Task<MovedDatabase> SqliteAsync(string name)
    {
        var database = MovedDatabase.Open(MovedDatabase.Sqlite, $"Data Source={Path.Combine(_folder, name)}.db", Place());
        await database.MakeTablesAsync(true, Ended);
        return database;
    }

    private async Task<MovedDatabase> PostgresAsync()
    {
        var store = await TestStore.OnPostgresAsync(_folder, isEmpty: true, isS3: false);
        var database = MovedDatabase.Open(MovedDatabase.Postgres, store.ConnectionString(), Place());
        await database.MakeTablesAsync(true, Ended);
        return database;
    }

    private DataDirectory Place() => new(Options.Create(new DatabaseOptions { DataDirectory = _folder }));

    private static async Task<long> NewNumberAsync(MovedDatabase database, StoreTable table)
    {
        await using var command = database.Db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"SELECT nextval(pg_get_serial_sequence('\"{table.Name}\"', '{table.Number}'))";
        return (long)(await command.ExecuteScalarAsync(Ended))!;
    }

    private static async Task FillAsync(MovedDatabase database)
    {
        foreach (var table in MoveChecks.TablesOf(database))
        {
            var keys = table.Key.ToHashSet();
            var rows = Enumerable.Range(1, RowsOfTable).Select(row => table.Columns.Select((column, at) =>
                column.Name == table.Number ? (long)row
                : column.IsNullable && (row + at) % 5 == 0 ? null
                : Value(column.Type, row, at, keys.Contains(column))).ToArray());
            await database.Rows.AddAsync(table, [.. rows], Ended);
        }
    }

    /// <summary>Makes a value; no two rows have the same in a column that may have to be unique.</summary>
    private static object Value(Type type, int row, int column, bool isKey) => type switch
    {
        _ when type == typeof(string) => Texts[(row + column) % Texts.Length] + row,
        _ when type == typeof(long) && !isKey => Longs[(row + column) % Longs.Length],
        _ when type == typeof(long) => (long)row,
        _ when type == typeof(int) => row % 2 == 0 ? int.MinValue + row : int.MaxValue - row,
        _ when type == typeof(bool) => (row + column) % 2 == 0,
        _ when type == typeof(double) => Doubles[(row + column) % Doubles.Length],
        _ when type == typeof(byte[]) => row % 3 == 0 ? [] : new byte[] { 0, (byte)row, (byte)column, 255, 0 },
        _ when type == typeof(Guid) => new Guid(RandomNumberGenerator.GetBytes(16)),
        _ when type == typeof(DateOnly) => row == 1 ? DateOnly.MaxValue : new DateOnly(2026, 1, 1).AddDays(row),
        _ => throw new NotSupportedException(type.Name),
    };

    private static readonly string[] Texts =
    [
        "", "a red fox ", "Füchse im Schnee, čeština ", "雪の中の狐 🦊 ", "tab\tline\nback\\slash 'quote' \"double\" ",
        "\u0001\u007f\uffff ", new('x', 70_000),
    ];

    private static readonly long[] Longs =
        [0, -1, 1, long.MaxValue, long.MinValue, 639_000_000_000_000_001, DateTimeOffset.MaxValue.UtcTicks];

    private static readonly double[] Doubles = [0, 0.1, -1e-300, double.MaxValue, double.Epsilon, 1.0 / 3];

    private sealed class Steps(Action<WorkStep> seen) : IProgress<WorkStep>
    {
        public void Report(WorkStep value) => seen(value);
    }
}
