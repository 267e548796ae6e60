using System.Collections.Concurrent;
using System.Data;
using System.Text;

namespace GenApi.Core.Persistence.Rows;

/// <summary>A column as the statements of <see cref="RowTable{T}"/> need it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type.</param>
/// <param name="Value">Returns the value as it is stored.</param>
internal sealed record RowColumn<T>(string Name, DbType Type, Func<T, object?> Value);

/// <summary>Finds a row again.</summary>
/// <param name="Where">A constant that begins with WHERE; its values are @p0, @p1, ….</param>
/// <param name="Keys">Returns the values.</param>
internal sealed record RowIdentity<T>(string Where, Func<T, RowValue[]> Keys);

/// <summary>
/// The statements about the rows of an entity that every new picture needs. EF's mapping of the entity describes the table; a test compares
/// both.
/// </summary>
/// <typeparam name="T">The entity.</typeparam>
internal sealed class RowTable<T>
    where T : class
{
    private readonly string _name, _insert, _insertNew;
    private readonly string? _insertNumbered;
    private readonly Func<RowReader, T>? _read;
    private readonly RowIdentity<T>? _identity;
    private readonly ConcurrentDictionary<UInt128, string> _updates = new();

    /// <param name="name">The name of the table.</param>
    /// <param name="number">The column that the engine numbers; null: none.</param>
    /// <param name="read">Reads a row in the order of the columns; null: rows are only written.</param>
    /// <param name="identity">Finds a row again; null: rows are never changed.</param>
    /// <param name="columns">All columns but the number, at most 128.</param>
    public RowTable(
        string name, string? number, Func<RowReader, T>? read, RowIdentity<T>? identity, IReadOnlyList<RowColumn<T>> columns)
    {
        (_name, _read, _identity, Columns) = (name, read, identity, columns);
        var (names, places) = (columns.Select(column => $"\"{column.Name}\""), columns.Select((_, at) => RowStatements.NameOf(at)));
        _insert = $"INSERT INTO \"{name}\" ({string.Join(", ", names)}) VALUES ({string.Join(", ", places)})";
        _insertNew = $"{_insert} ON CONFLICT DO NOTHING";
        _insertNumbered = number is null ? null : $"{_insert} RETURNING \"{number}\"";
        Selected = string.Join(", ", (number is null ? [] : new[] { $"t.\"{number}\"" }).Concat(
            columns.Select(column => $"t.\"{column.Name}\"")));
    }

    /// <summary>All columns but the number.</summary>
    public IReadOnlyList<RowColumn<T>> Columns { get; }

    /// <summary>The columns of a query, beginning with the number. The table is called <c>t</c> in it.</summary>
    private string Selected { get; }

    /// <summary>Returns a query for the rows of the table, which is called <c>t</c> in it.</summary>
    /// <param name="rest">A constant that begins with WHERE.</param>
    public string Select(string rest) => $"SELECT {Selected} FROM \"{_name}\" AS t {rest}";

    /// <summary>Reads rows.</summary>
    /// <param name="db">The context.</param>
    /// <param name="query">Made by <see cref="Select"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="values">The values of the query.</param>
    public Task<List<T>> ListAsync(GenApiDbContext db, string query, CancellationToken cancellationToken, params RowValue[] values) =>
        db.QueryAsync(query, _read!, cancellationToken, values);

    /// <summary>Reads the first row; null: there is none.</summary>
    /// <inheritdoc cref="ListAsync"/>
    public async Task<T?> FirstAsync(GenApiDbContext db, string query, CancellationToken cancellationToken, params RowValue[] values) =>
        await ListAsync(db, query, cancellationToken, values) is [var row, ..] ? row : null;

    /// <summary>Reads the rows of several queries at once.</summary>
    /// <param name="db">The context.</param>
    /// <param name="queries">Made by <see cref="Select"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The rows of each query.</returns>
    public Task<IReadOnlyList<List<T>>> ListAllAsync(
        GenApiDbContext db, IReadOnlyList<RowStatement> queries, CancellationToken cancellationToken) =>
        db.QueryAllAsync(queries, _read!, cancellationToken);

    /// <summary>Inserts a row. The engine numbers it, if rows of this table have numbers.</summary>
    /// <inheritdoc cref="RowStatements.ExecuteLaterAsync"/>
    public Task InsertLaterAsync(GenApiDbContext db, T row, CancellationToken cancellationToken) =>
        db.ExecuteLaterAsync(new(_insert, ValuesOf(row)), null, cancellationToken);

    /// <summary>Inserts a row, unless there is one with a key of it.</summary>
    /// <param name="db">The context.</param>
    /// <param name="row">The row.</param>
    /// <param name="then">Called if it was inserted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <inheritdoc cref="RowStatements.ExecuteLaterAsync"/>
    public Task TryInsertLaterAsync(GenApiDbContext db, T row, Func<Task> then, CancellationToken cancellationToken) =>
        db.ExecuteLaterAsync(
            new(_insertNew, ValuesOf(row)), inserted => inserted > 0 ? then() : Task.CompletedTask, cancellationToken);

    /// <summary>Inserts a row that the engine numbers.</summary>
    /// <returns>Its number.</returns>
    public async Task<long> InsertNumberedAsync(GenApiDbContext db, T row, CancellationToken cancellationToken) =>
        (await db.QueryAsync(_insertNumbered!, static number => number.Long(), cancellationToken, ValuesOf(row)))[0];

    /// <summary>Writes the columns that differ.</summary>
    /// <param name="db">The context.</param>
    /// <param name="before">As the row is known.</param>
    /// <param name="after">As it becomes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False: there is no such row.</returns>
    public async Task<bool> UpdateAsync(GenApiDbContext db, T before, T after, CancellationToken cancellationToken)
    {
        var statement = Update(before, after);
        return await db.ExecuteAsync(statement.Text, cancellationToken, statement.Values) > 0;
    }

    /// <summary>Writes the columns that differ.</summary>
    /// <param name="db">The context.</param>
    /// <param name="before">As the row is known.</param>
    /// <param name="after">As it becomes.</param>
    /// <param name="otherwise">Makes the failure that ends the work if there is no such row.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <inheritdoc cref="RowStatements.ExecuteLaterAsync"/>
    public Task UpdateLaterAsync(
        GenApiDbContext db, T before, T after, Func<Exception> otherwise, CancellationToken cancellationToken) =>
        db.ExecuteLaterAsync(
            Update(before, after), rows => rows > 0 ? Task.CompletedTask : Task.FromException(otherwise()), cancellationToken);

    private RowStatement Update(T before, T after)
    {
        var keys = _identity!.Keys(before);
        var values = new List<RowValue>(keys);
        var changed = UInt128.Zero;
        for (var at = 0; at < Columns.Count; at++)
        {
            var value = Columns[at].Value(after);
            if (Equals(Columns[at].Value(before), value))
                continue;
            values.Add(new(Columns[at].Type, value));
            changed |= UInt128.One << at;
        }
        if (changed == UInt128.Zero)
            throw new InvalidOperationException("There is nothing to write.");
        var statement = _updates.GetOrAdd(
            changed, static (bits, made) => made.Table.UpdateOf(bits, made.Next), (Table: this, Next: keys.Length));
        return new(statement, [.. values]);
    }

    private RowValue[] ValuesOf(T row)
    {
        var values = new RowValue[Columns.Count];
        for (var at = 0; at < values.Length; at++)
            values[at] = new(Columns[at].Type, Columns[at].Value(row));
        return values;
    }

    private string UpdateOf(UInt128 changed, int next)
    {
        var statement = new StringBuilder("UPDATE \"").Append(_name).Append("\" SET ");
        var separator = "";
        for (var at = 0; at < Columns.Count; at++)
        {
            if ((changed >> at & 1) == 0)
                continue;
            statement.Append(separator).Append('"').Append(Columns[at].Name).Append("\" = ").Append(RowStatements.NameOf(next++));
            separator = ", ";
        }
        return statement.Append(' ').Append(_identity!.Where).ToString();
    }
}
