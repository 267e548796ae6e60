using System.Globalization;
using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Marks a database as half moved or as moved, so that no service uses half a store, or a store that lives on elsewhere. The unfinished
/// work of both would run twice, and be billed twice.
/// <para>
/// It is a line of the table of migrations, which every start reads anyway. A version that does not know it takes it for a migration of a
/// newer version, and refuses the database as well.
/// </para>
/// </summary>
/// <param name="State">Its part.</param>
/// <param name="Other">The engine of the other database, in lower case.</param>
/// <param name="At">The time of it.</param>
internal sealed record MoveMark(MoveState State, string Other, DateTimeOffset At)
{
    /// <summary>No migration begins like that, and all of them sort before it.</summary>
    private const string Beginning = "~move";

    private const string Form = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>The sentence that refuses a start.</summary>
    public string Refusal
    {
        get
        {
            var moment = At.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            return State == MoveState.Incomplete
                ? $"a move from {Other}, begun at {moment} UTC, is not complete. Run genapi move again: it continues there."
                : $"this store was moved to {Other} at {moment} UTC. Set Database:Provider to {Other}. A start here would run its "
                + "unfinished work, and pay for it, a second time.";
        }
    }

    /// <summary>Finds the mark among the lines of the table of migrations; null: there is none.</summary>
    public static MoveMark? Of(IEnumerable<string> migrations) => migrations.Select(Parse).FirstOrDefault(mark => mark is not null);

    /// <summary>Reads the mark of a database.</summary>
    public static async Task<MoveMark?> ReadAsync(GenApiDbContext db, CancellationToken cancellationToken) =>
        Of(await db.AppliedMigrationsAsync(cancellationToken));

    /// <summary>Throws if a service must not use the database.</summary>
    /// <exception cref="SettingException">It was moved, or a move into it is not complete.</exception>
    public static void Require(IEnumerable<string> migrations)
    {
        if (Of(migrations) is { } mark)
            throw new SettingException("Database", mark.Refusal);
    }

    /// <summary>Replaces the mark of the database; null: removes it.</summary>
    public static async Task WriteAsync(GenApiDbContext db, MoveMark? mark, CancellationToken cancellationToken)
    {
        var (any, id, version) = (Beginning + "%", mark?.ToString(), ProductInfo.GetVersion());
        await using var transaction =
            db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellationToken) : null;
        await db.Database.ExecuteSqlAsync($"""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE {any}""", cancellationToken);
        if (id is not null)
        {
            await db.Database.ExecuteSqlAsync(
                $"""INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ({id}, {version})""", cancellationToken);
        }
        if (transaction is not null)
            await transaction.CommitAsync(cancellationToken);
    }

    public override string ToString() =>
        $"{Beginning} {(State == MoveState.Incomplete ? "from" : "to")} {Other} "
        + At.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture);

    private static MoveMark? Parse(string line) =>
        line.Split(' ') is [Beginning, var way and ("from" or "to"), var other, var at]
        && DateTimeOffset.TryParseExact(
            at, Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            ? new(way == "from" ? MoveState.Incomplete : MoveState.Moved, other, moment)
            : null;
}

/// <summary>The part of a database in a move.</summary>
internal enum MoveState
{
    /// <summary>Rows are being moved into it, or that was interrupted.</summary>
    Incomplete,

    /// <summary>All its rows live on in another database.</summary>
    Moved,
}
