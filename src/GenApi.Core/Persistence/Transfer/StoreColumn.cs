using System.Data.Common;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace GenApi.Core.Persistence.Transfer;

/// <summary>A column of a table, as one engine stores it. Its values have the same form on every engine, so they can be compared.</summary>
internal sealed class StoreColumn
{
    private readonly Type _stored;
    private readonly ValueConverter? _guids;

    /// <param name="name">The name.</param>
    /// <param name="storeType">The type of the column in the engine's words.</param>
    /// <param name="model">The type of the entity's member.</param>
    /// <param name="converter">Turns the member into what the engine stores; null: both are the same.</param>
    /// <param name="isNullable">Whether the column may be NULL.</param>
    public StoreColumn(string name, string storeType, Type model, ValueConverter? converter, bool isNullable)
    {
        var member = Nullable.GetUnderlyingType(model) ?? model;
        _stored = converter is null ? member : Nullable.GetUnderlyingType(converter.ProviderClrType) ?? converter.ProviderClrType;
        // Everything but ids is stored alike by all engines. Texts and numbers are never parsed: a member that is hashed must not change.
        _guids = member == typeof(Guid) && _stored != typeof(Guid) ? converter : null;
        (Name, StoreType, IsNullable) = (name, storeType, isNullable);
    }

    public string Name { get; }

    /// <summary>The type of the column in the engine's words.</summary>
    public string StoreType { get; }

    public bool IsNullable { get; }

    /// <summary>The type of the values in the form that all engines share.</summary>
    public Type Type => _guids is null ? _stored : typeof(Guid);

    /// <summary>Reads a value in the form that all engines share; null: NULL.</summary>
    public object? Read(DbDataReader reader, int ordinal)
    {
        if (reader.IsDBNull(ordinal))
            return null;
        object value = _stored switch
        {
            _ when _stored == typeof(string) => reader.GetString(ordinal),
            _ when _stored == typeof(long) => reader.GetInt64(ordinal),
            _ when _stored == typeof(int) => reader.GetInt32(ordinal),
            _ when _stored == typeof(bool) => reader.GetBoolean(ordinal),
            _ when _stored == typeof(double) => reader.GetDouble(ordinal),
            _ when _stored == typeof(byte[]) => reader.GetFieldValue<byte[]>(ordinal),
            _ when _stored == typeof(Guid) => reader.GetGuid(ordinal),
            _ when _stored == typeof(DateOnly) => reader.GetFieldValue<DateOnly>(ordinal),
            _ => throw new NotSupportedException($"The column {Name} has the type {_stored}, which no move knows."),
        };
        return _guids is null ? value : _guids.ConvertFromProvider(value);
    }

    /// <summary>Turns a value into what the engine stores.</summary>
    public object? ToStored(object? value) => value is null || _guids is null ? value : _guids.ConvertToProvider(value);

    /// <summary>Returns whether two values of the shared form are the same.</summary>
    public static bool AreSame(object? one, object? other) => (one, other) switch
    {
        (byte[] bytes, byte[] others) => bytes.AsSpan().SequenceEqual(others),
        _ => Equals(one, other),
    };
}
