using GenApi.Core.Blobs;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Transfer;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Moving;

/// <summary>Opens the two databases of a move, and refuses what must not be moved or overwritten.</summary>
internal static class MoveChecks
{
    /// <summary>
    /// Entities of running instances, of which there are none, and the secrets, which are encrypted for one database. Removals of bytes are
    /// left out too: the daily cleanup removes the bytes that no row needs.
    /// </summary>
    private static readonly Type[] NotMoved =
    [
        typeof(ClusterMember), typeof(LeaderTerm), typeof(StoreChange), typeof(SharedRate), typeof(BlobRemoval), typeof(StoredSecret),
    ];

    public static IReadOnlyList<StoreTable> TablesOf(MovedDatabase database) => StoreTable.Of(database.Db, NotMoved);

    /// <summary>Checks that the source can be moved, and locks the data directory.</summary>
    /// <param name="source">The database with the rows.</param>
    /// <param name="into">The engine of the target; null: the rows stay.</param>
    /// <param name="directory">The data directory.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SettingException">There is no store, it can't be moved, or another process uses the directory.</exception>
    /// <returns>Whether the source is marked as moved already: a move was killed just before its end.</returns>
    public static async Task<bool> CheckSourceAsync(
        MovedDatabase source, string? into, DataDirectory directory, CancellationToken cancellationToken)
    {
        if (!source.MayExist)
            throw new SettingException("move", $"there is no store in '{source.Name}', so there is nothing to move.");
        directory.Acquire();
        var schema = await SchemaState.ReadAsync(source.Db, cancellationToken);
        var mark = MoveMark.Of(schema.Unknown);
        if (mark is { State: MoveState.Incomplete } || (mark is { } moved && moved.Other != into))
            throw new SettingException("move", $"{source.Name}: {mark.Refusal}");
        (mark is null ? schema : schema with { Unknown = [] }).ThrowIfForeign();
        if (schema.Pending.Count == source.Db.Database.GetMigrations().Count())
            throw new SettingException("move", $"there is no store in '{source.Name}', so there is nothing to move.");
        if (schema.Pending.Count > 0)
        {
            throw new SettingException(
                "move", $"an older GenApi wrote {source.Name}. Start the service on it once to upgrade it, then move it.");
        }
        return mark is not null;
    }

    /// <summary>Keeps others from writing to the source until the move is over.</summary>
    /// <exception cref="SettingException">A service uses it.</exception>
    public static async Task TakeSourceAsync(MovedDatabase source, CancellationToken cancellationToken)
    {
        await RequireUnusedAsync(source, cancellationToken);
        await source.TakeAsync(cancellationToken);
        await RequireUnusedAsync(source, cancellationToken);
    }

    /// <summary>Prepares the target: makes its tables, or continues a move into it.</summary>
    /// <param name="target">The database that the rows are moved to.</param>
    /// <param name="from">The engine of the source.</param>
    /// <param name="isMoved">Whether the source is marked as moved.</param>
    /// <param name="now">The time for the mark.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SettingException">It is not empty, not ours, or in use.</exception>
    public static async Task TakeTargetAsync(
        MovedDatabase target, string from, bool isMoved, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var schema = await SchemaState.ReadAsync(target.Db, cancellationToken);
        var mark = MoveMark.Of(schema.Unknown);
        if (isMoved && mark is null)
            throw new SettingException("move", $"this store was moved to {target.Engine} already, so there is nothing to move.");
        if (mark is { } other && (other.State != MoveState.Incomplete || other.Other != from))
            throw NotEmpty(target, $"it has its own store: {other.Refusal}");
        (mark is null ? schema : schema with { Unknown = [] }).ThrowIfForeign();
        await target.MakeTablesAsync(schema.Pending.Count > 0, cancellationToken);
        await RequireUnusedAsync(target, cancellationToken);
        if (mark is not null)
            return;
        foreach (var table in TablesOf(target))
        {
            if (await target.Rows.CountAsync(table, cancellationToken) > 0)
                throw NotEmpty(target, $"its table {table.Name} has rows.");
        }
        await target.MarkAsync(new(MoveState.Incomplete, from, now), cancellationToken);
    }

    private static SettingException NotEmpty(MovedDatabase target, string sentence) => new(
        "move", $"the target {target.Name} is not empty: {sentence} A move needs an empty database, or one with a part of the same move.");

    private static async Task RequireUnusedAsync(MovedDatabase database, CancellationToken cancellationToken)
    {
        if (await StoreUse.InstanceAsync(database.Db, cancellationToken) is { } instance)
        {
            throw new SettingException(
                "move", $"the instance {instance} uses {database.Name}. Stop all instances, then run the move again.");
        }
    }
}
