using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace GenApi.Core.Persistence.Transfer;

/// <summary>A table of the model, as one engine stores it. Columns and tables are in the same order on every engine.</summary>
internal sealed class StoreTable
{
    private readonly int[] _key;

    private StoreTable(string name, StoreColumn[] columns, int[] key, string? number) =>
        (Name, Columns, _key, Number) = (name, columns, key, number);

    public string Name { get; }

    public IReadOnlyList<StoreColumn> Columns { get; }

    /// <summary>The columns of the primary key, in its order.</summary>
    public IEnumerable<StoreColumn> Key => _key.Select(at => Columns[at]);

    /// <summary>The column that the engine numbers; null: none.</summary>
    public string? Number { get; }

    /// <summary>Lists the tables of the model, without those of the given entities.</summary>
    public static IReadOnlyList<StoreTable> Of(GenApiDbContext db, IReadOnlyCollection<Type> without) =>
        [.. db.Model.GetRelationalModel().Tables
            .Where(table => !table.EntityTypeMappings.Any(mapping => without.Contains(mapping.TypeBase.ClrType)))
            .OrderBy(table => table.Name, StringComparer.Ordinal).Select(Of)];

    /// <summary>Returns the values of the primary key of a row.</summary>
    public object?[] KeyOf(object?[] row) => Array.ConvertAll(_key, at => row[at]);

    /// <summary>Names a row for the operator.</summary>
    public string Describe(object?[] key) =>
        $"{Name} ({string.Join(", ", Key.Zip(key, (column, value) => $"{column.Name} {Text(value)}"))})";

    private static StoreTable Of(ITable table)
    {
        var columns = table.Columns.OrderBy(column => column.Name, StringComparer.Ordinal).ToArray();
        var key = table.PrimaryKey!.Columns.Select(column => Array.IndexOf(columns, column)).ToArray();
        var number = key is [var only] && columns[only].PropertyMappings[0].Property is { ValueGenerated: ValueGenerated.OnAdd } property
            && property.ClrType == typeof(long)
            ? columns[only].Name
            : null;
        return new(table.Name, Array.ConvertAll(columns, Of), key, number);
    }

    private static StoreColumn Of(IColumn column)
    {
        var mapping = column.PropertyMappings[0].TypeMapping;
        return new(column.Name, column.StoreType, mapping.Converter?.ModelClrType ?? mapping.ClrType, mapping.Converter, column.IsNullable);
    }

    private static string Text(object? value) => value switch
    {
        byte[] bytes => Convert.ToHexStringLower(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "NULL",
    };
}
