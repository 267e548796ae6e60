using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Database;

/// <summary>The tables of a database, compared with those that this program knows.</summary>
/// <param name="Pending">Migrations that the database does not have yet.</param>
/// <param name="Unknown">Applied migrations that this program does not know: a newer one made them.</param>
/// <param name="IsForeign">It has tables, but none of ours.</param>
/// <param name="IsServer">It is on a server, so there is no file.</param>
internal sealed record SchemaState(IReadOnlyList<string> Pending, IReadOnlyList<string> Unknown, bool IsForeign, bool IsServer)
{
    public static async Task<SchemaState> ReadAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        var applied = await db.AppliedMigrationsAsync(cancellationToken);
        var known = db.Database.GetMigrations().ToList();
        return new SchemaState(
            [.. known.Except(applied)], [.. applied.Except(known)], applied.Count == 0 && await db.HasTablesAsync(cancellationToken),
            db.IsServer)
        {
            Known = known.Count,
        };
    }

    /// <summary>True if there are no tables yet.</summary>
    public bool IsNew => !IsForeign && Unknown.Count == 0 && Pending.Count == Known;

    /// <summary>The number of migrations that this program knows.</summary>
    private int Known { get; init; }

    /// <summary>Refuses a database that must not be changed.</summary>
    /// <exception cref="SettingException">Another program or a newer GenApi made it, or it was moved.</exception>
    public void ThrowIfForeign()
    {
        if (IsForeign)
        {
            throw new SettingException("Database", IsServer
                ? "it has tables, but none of GenApi. It was left unchanged: make a database for GenApi alone."
                : "the file is a database, but not one of GenApi. It was left unchanged.");
        }
        MoveMark.Require(Unknown);
        if (Unknown.Count > 0)
        {
            throw new SettingException(
                "Database",
                $"a newer GenApi {(IsServer ? "made the tables" : "wrote the file")} (it has the migration {Unknown[^1]}). It was left "
                + "unchanged.");
        }
    }
}
