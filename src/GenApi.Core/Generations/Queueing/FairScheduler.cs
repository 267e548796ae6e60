using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// Chooses which waiting rows are sent next. Models take turns, and within a model the oldest goes first, so thousands of one model never
/// keep a single one of another waiting. It costs one step in an index for each model and each chosen row, however many wait. Where there
/// is room for everything that waits, it costs one query.
/// </summary>
internal sealed class FairScheduler(ReplicateUpstream upstream)
{
    private static readonly Func<GenApiDbContext, string, string, Task<string?>> ModelAfter = StoreQuery.Compile(
        (GenApiDbContext db, string upstream, string after) => db.Set<Generation>()
            .Where(generation => generation.CompletedAt == null && generation.Lease.Owner == null && generation.Upstream == upstream
                && string.Compare(generation.Model, after) > 0)
            .OrderBy(generation => generation.Model).Select(generation => generation.Model).FirstOrDefault());

    private static readonly Func<GenApiDbContext, string, string, long, int, IAsyncEnumerable<Generation>> Oldest = StoreQuery.Compile(
        (GenApiDbContext db, string upstream, string model, long after, int atMost) => db.Set<Generation>().AsNoTracking()
            .Where(generation => generation.CompletedAt == null && generation.Lease.Owner == null && generation.Upstream == upstream
                && generation.Model == model && generation.Number > after && generation.SubmittingAt == null)
            .OrderBy(generation => generation.Number).Take(atMost));

    /// <summary>In the order of the index.</summary>
    private static readonly string Waiting = Generation.Rows.Select(
        """
        WHERE t."CompletedAt" IS NULL AND t."Lease_Owner" IS NULL AND t."Upstream" = @p0 AND t."SubmittingAt" IS NULL
        ORDER BY t."Model", t."Number" LIMIT @p1
        """);

    /// <summary>More rows waited than there was room for, so models must take turns.</summary>
    private bool _isCrowded;

    /// <summary>The model that was served last. Where the turns begin after a restart does not matter.</summary>
    private string _last = "";

    /// <summary>Reads the next rows to send, at most this many.</summary>
    public async Task<List<Generation>> NextAsync(GenApiDbContext db, int atMost)
    {
        var chosen = _isCrowded ? await InTurnAsync(db, atMost) : await AllAsync(db, atMost) ?? await InTurnAsync(db, atMost);
        _isCrowded = chosen.Count == atMost;
        return chosen;
    }

    /// <returns>Everything that waits, beginning with the oldest of each model; null where that is more than can be sent.</returns>
    private async Task<List<Generation>?> AllAsync(GenApiDbContext db, int atMost)
    {
        var all = await Generation.Rows.ListAsync(db, Waiting, CancellationToken.None, upstream.Name, atMost + 1);
        return all.Count > atMost
            ? null
            : [.. all.GroupBy(row => row.Model).SelectMany(model => model.Select((row, rank) => (Row: row, Rank: rank)))
                .OrderBy(each => each.Rank).ThenBy(each => each.Row.Number).Select(each => each.Row)];
    }

    private async Task<List<Generation>> InTurnAsync(GenApiDbContext db, int atMost)
    {
        var chosen = new List<Generation>();
        var models = (await ModelsAsync(db, atMost)).ConvertAll(name => (Name: name, After: 0L));
        while (chosen.Count < atMost && models.Count > 0)
        {
            var share = Math.Max(1, (atMost - chosen.Count) / models.Count);
            for (var at = 0; at < models.Count && chosen.Count < atMost; at++)
            {
                var asked = Math.Min(share, atMost - chosen.Count);
                var before = chosen.Count;
                await foreach (var row in Oldest(db, upstream.Name, models[at].Name, models[at].After, asked))
                    chosen.Add(row);
                if (chosen.Count > before)
                    (_last, models[at]) = (models[at].Name, (models[at].Name, chosen[^1].Number));
                if (chosen.Count - before < asked)
                    models[at] = (models[at].Name, long.MaxValue);
            }
            models.RemoveAll(model => model.After == long.MaxValue);
        }
        return chosen;
    }

    /// <summary>Reads the models for which a row waits, beginning after the one that was served last.</summary>
    private async Task<List<string>> ModelsAsync(GenApiDbContext db, int atMost)
    {
        var models = new List<string>();
        for (var name = await ModelAfter(db, upstream.Name, _last); name is not null && models.Count < atMost;
            name = await ModelAfter(db, upstream.Name, name))
            models.Add(name);
        for (var name = await ModelAfter(db, upstream.Name, "");
            name is not null && string.CompareOrdinal(name, _last) <= 0 && models.Count < atMost;
            name = await ModelAfter(db, upstream.Name, name))
            models.Add(name);
        return models;
    }
}
