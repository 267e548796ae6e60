using System.Data;

namespace GenApi.Core.Persistence.Rows;

/// <summary>A value of a statement, as both engines store it: an instant is its UTC ticks.</summary>
/// <param name="Type">The type; a server needs it also where the value is null. Null: that of the value.</param>
/// <param name="Value">The value; null: NULL.</param>
internal readonly record struct RowValue(DbType? Type, object? Value)
{
    public static implicit operator RowValue(long value) => new(DbType.Int64, value);

    public static implicit operator RowValue(int value) => new(DbType.Int32, value);

    public static implicit operator RowValue(string? value) => new(DbType.String, value);

    public static implicit operator RowValue(Guid value) => new(DbType.Guid, value);

    public static implicit operator RowValue(DateTimeOffset value) => new(DbType.Int64, value.UtcTicks);
}
