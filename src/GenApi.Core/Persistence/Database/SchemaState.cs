using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Database;

/// <summary>How the tables of a database compare with those that this program knows.</summary>
/// <param name="Pending">Migrations that the database does not have yet.</param>
/// <param name="Unknown">Migrations that it has and this program does not know: a newer one made them.</param>
/// <param name="IsOthers">It has tables, but none of ours.</param>
internal sealed record SchemaState(IReadOnlyList<string> Pending, IReadOnlyList<string> Unknown, bool IsOthers)
{
    public static async Task<SchemaState> ReadAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        var applied = await db.AppliedMigrationsAsync(cancellationToken);
        var known = db.Database.GetMigrations().ToList();
        return new([.. known.Except(applied)], [.. applied.Except(known)], applied.Count == 0 && await db.HasTablesAsync(cancellationToken));
    }

    /// <exception cref="SettingException">It is somebody else's, or a newer GenApi's: nothing of it may be changed.</exception>
    public void ThrowIfForeign()
    {
        if (IsOthers)
            throw new SettingException("Database", "the file is a database, but not one of GenApi. It was left as it is.");
        if (Unknown.Count > 0)
            throw new SettingException("Database", $"the file was written by a newer GenApi (it has the migration {Unknown[^1]}). It was left as it is.");
    }
}
