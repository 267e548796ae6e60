using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>The state of the SQLite file and of its disk. Each question asks the disk itself, so no failure has to be remembered.</summary>
internal sealed class SqliteHealth(DatabaseWatch watch, DiskReserve reserve) : IDatabaseHealth
{
    public GenApiException? Fault => watch.Fault;

    public bool HasRoom => reserve.IsWhole;

    public bool ReleaseRoom() => reserve.Release();

    public void RequireOurs() => watch.Require();

    public void Failed(GenApiException fault)
    {
    }

    public void Succeeded()
    {
    }
}
