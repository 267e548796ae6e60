using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Cluster;

/// <summary>
/// Limits that all instances share, one row each. An instance takes tokens in portions, so most calls need no database. What an instance
/// did not use when it ends is lost, which is a portion at most.
/// </summary>
internal sealed class SharedRates(DatabaseWriter writer)
{
    /// <summary>Takes as many tokens as there are, up to a portion.</summary>
    /// <param name="name">What is limited; see <see cref="SharedRate.Name"/>.</param>
    /// <param name="portion">The most tokens to take; 1 or more.</param>
    /// <param name="rate">The limit of all instances together.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>The tokens taken, and how long until there is one if there was none.</returns>
    public Task<(int Tokens, TimeSpan Wait)> TakeAsync(
        string name, int portion, SharedLimit rate, CancellationToken cancellationToken) =>
        writer.WriteAsync(async (db, token) =>
        {
            var now = db.Now;
            var row = await db.Set<SharedRate>().FirstOrDefaultAsync(each => each.Name == name, token);
            if (row is null)
                db.Add(row = new SharedRate { Name = name, Tokens = rate.Capacity, At = now });
            var passed = now > row.At ? (now - row.At).TotalSeconds : 0;
            var tokens = Math.Min(rate.Capacity, row.Tokens + passed * rate.PerSecond);
            var taken = (int)Math.Min(portion, Math.Max(0, Math.Floor(tokens + Rounding)));
            (row.Tokens, row.At) = (tokens - taken, now);
            await db.SaveChangesAsync(token);
            return (taken, taken > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - tokens) / rate.PerSecond));
        }, cancellationToken);

    /// <summary>Reads a mark that instances leave for each other.</summary>
    /// <returns>Its value and when it was set, by the database's clock; null: it is not set.</returns>
    public static async Task<(double Value, DateTimeOffset At)?> MarkAsync(
        GenApiDbContext db, string name, CancellationToken cancellationToken) =>
        await db.Set<SharedRate>().AsNoTracking().FirstOrDefaultAsync(row => row.Name == name, cancellationToken) is { } row
            ? (row.Tokens, row.At)
            : null;

    /// <summary>Sets a mark in the writer's transaction, or takes it away.</summary>
    /// <param name="db">The writer's context.</param>
    /// <param name="name">The name of the mark, which no limit has.</param>
    /// <param name="value">The value; null: the mark goes.</param>
    /// <param name="at">When it holds from.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task SetMarkAsync(
        GenApiDbContext db, string name, double? value, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await db.Set<SharedRate>().Where(row => row.Name == name).ExecuteDeleteAsync(cancellationToken);
        if (value is not { } set)
            return;
        db.Add(new SharedRate { Name = name, Tokens = set, At = at });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The error that adding up fractions makes.</summary>
    private const double Rounding = 1e-6;
}

/// <summary>A limit of all instances together.</summary>
/// <param name="Capacity">The tokens that may be taken at once after a rest; at least 1.</param>
/// <param name="PerSecond">The tokens that come back each second; above 0.</param>
internal readonly record struct SharedLimit(double Capacity, double PerSecond);
