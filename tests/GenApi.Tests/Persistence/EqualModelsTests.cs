using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Postgres;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace GenApi.Tests.Persistence;

/// <summary>
/// Both engines have the same tables. A table, column or index that only one has would be missed when a team changes over.
/// </summary>
public sealed class EqualModelsTests : IDisposable
{
    private readonly GenApiDbContext _sqlite = new SqliteGenApiDbContext(
        new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite("Data Source=:memory:").Options);

    private readonly GenApiDbContext _postgres = new PostgresGenApiDbContext(
        new DbContextOptionsBuilder<PostgresGenApiDbContext>().UseNpgsql("Host=nowhere").Options);

    public void Dispose()
    {
        _sqlite.Dispose();
        _postgres.Dispose();
    }

    [Fact]
    public void Both_engines_have_the_same_tables_columns_keys_and_indexes()
    {
        var (sqlite, postgres) = (Describe(_sqlite), Describe(_postgres));

        Assert.Equal(sqlite, postgres);
        Assert.True(sqlite.Count > 200, $"Only {sqlite.Count} lines were compared.");
    }

    [Fact]
    public void PostgreSQL_compares_every_text_by_its_bytes()
    {
        var others = Model(_postgres).Tables.SelectMany(table => table.Columns)
            .Where(column => column.StoreType.StartsWith("char", StringComparison.Ordinal)
                || (column.StoreType == "text" && column.Collation != "C"))
            .Select(column => $"{column.Table.Name}.{column.Name}");

        Assert.Empty(others);
    }

    private static IRelationalModel Model(GenApiDbContext db) => db.GetService<IDesignTimeModel>().Model.GetRelationalModel();

    private static List<string> Describe(GenApiDbContext db) =>
        [.. Model(db).Tables.SelectMany(table => Lines(table).Select(line => $"{table.Name}: {line}")).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(ITable table) =>
    [
        $"key {string.Join(", ", table.PrimaryKey!.Columns.Select(column => column.Name))}",
        .. table.Columns.Select(column => $"{column.Name} {Kind(column)}{(column.IsNullable ? " or null" : "")} {column.DefaultValue}"),
        .. table.Indexes.Select(index => $"{(index.IsUnique ? "unique " : "")}index {index.Name} on "
            + $"{string.Join(", ", index.Columns.Select(column => column.Name))} {index.Filter}"),
    ];

    /// <summary>Names the kind of a type in the words of both engines: SQLite has only five.</summary>
    private static string Kind(IColumn column) => column.StoreType.ToLowerInvariant() switch
    {
        "integer" or "bigint" or "boolean" => "whole number",
        "real" or "double precision" => "number",
        "text" when IsOf<DateOnly>(column) => "day",
        "date" => "day",
        "text" => "text",
        "blob" when IsOf<Guid>(column) => "id",
        "uuid" => "id",
        "blob" or "bytea" => "bytes",
        var other => other,
    };

    private static bool IsOf<T>(IColumn column)
        where T : struct => column.PropertyMappings[0].Property.ClrType is var type && (type == typeof(T) || type == typeof(T?));
}
