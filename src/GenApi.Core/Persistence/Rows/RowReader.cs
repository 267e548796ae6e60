using System.Data.Common;

namespace GenApi.Core.Persistence.Rows;

/// <summary>Reads the columns of a row one after the other.</summary>
/// <param name="reader">The rows.</param>
/// <param name="isServer">Whether ids have their own type; in a file they are 16 bytes in network order.</param>
internal sealed class RowReader(DbDataReader reader, bool isServer)
{
    private int _at;

    /// <summary>Goes to the next row of a reader that blocks.</summary>
    public bool Next()
    {
        _at = 0;
        return reader.Read();
    }

    /// <summary>Goes to the next row.</summary>
    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        _at = 0;
        return await reader.ReadAsync(cancellationToken);
    }

    public long Long() => reader.GetInt64(_at++);

    public long? LongOrNull() => IsNull() ? null : Long();

    public int Int() => reader.GetInt32(_at++);

    public int? IntOrNull() => IsNull() ? null : Int();

    public double? DoubleOrNull() => IsNull() ? null : reader.GetDouble(_at++);

    public bool Bool() => reader.GetBoolean(_at++);

    public bool? BoolOrNull() => IsNull() ? null : Bool();

    public string Text() => reader.GetString(_at++);

    public string? TextOrNull() => IsNull() ? null : Text();

    public byte[] Bytes() => (byte[])reader.GetValue(_at++);

    public Guid Id() => isServer ? reader.GetGuid(_at++) : new Guid(Bytes(), bigEndian: true);

    /// <summary>Reads an array, which only a server has.</summary>
    public Guid[] Ids() => reader.GetFieldValue<Guid[]>(_at++);

    public Guid? IdOrNull() => IsNull() ? null : Id();

    public DateTimeOffset Time() => new(Long(), TimeSpan.Zero);

    public DateTimeOffset? TimeOrNull() => IsNull() ? null : Time();

    public DateOnly Day() => reader.GetFieldValue<DateOnly>(_at++);

    /// <summary>Returns whether the column is NULL, and goes past it then.</summary>
    private bool IsNull()
    {
        if (!reader.IsDBNull(_at))
            return false;
        _at++;
        return true;
    }
}
