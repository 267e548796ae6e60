using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Gallery;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Following;

/// <summary>Reads what listeners get: changed generations with the accounts that see them, and what one caller has missed.</summary>
internal sealed class FeedReader(
    IDbContextFactory<GenApiDbContext> contexts, GenerationGrants grants, GenerationAccess access, GenerationReader generations,
    GalleryService gallery, IOptions<GenerationOptions> options)
{
    /// <summary>Generations that a stream begins with, and those that a listener can have missed.</summary>
    public const int MostAtBeginning = 500;

    /// <summary>Rows of one query.</summary>
    private const int RowsPerStep = 100;

    /// <summary>The age after which an ended generation is no longer listed after a reset.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromDays(1);

    /// <summary>The time between a commit and its event, and of clocks that were set.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    /// <summary>Reads generations, with the accounts that see each. One that is gone, or that nobody sees in lists, is left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, SeenGeneration>> ReadAsync(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, SeenGeneration>();
        foreach (var step in ids.Chunk(RowsPerStep))
        {
            await contexts.ReadAsync(
                async db =>
                {
                    var details = await WithOutputsAsync(db, Listed(db.Set<Generation>().Where(row => step.Contains(row.Id))),
                        cancellationToken);
                    var holders = await grants.HoldersAsync(db, [.. details.Select(each => each.Generation)], cancellationToken);
                    foreach (var each in details)
                        found[each.Generation.Id] = new(each, GenerationGrants.AccountsOf(each.Generation, holders[each.Generation.Id]));
                    return true;
                },
                cancellationToken);
        }
        return found;
    }

    /// <summary>Reads those of the generations that the caller sees.</summary>
    /// <returns>Null: there are more than <see cref="MostAtBeginning"/>.</returns>
    public async Task<IReadOnlyDictionary<Guid, GenerationDetails>?> ReadAsync(
        IReadOnlyCollection<Guid> ids, Caller caller, CancellationToken cancellationToken)
    {
        await SaveGrantsAsync(caller, cancellationToken);
        var found = new Dictionary<Guid, GenerationDetails>();
        foreach (var step in ids.Chunk(RowsPerStep))
        {
            var details = await contexts.ReadAsync(
                db => WithOutputsAsync(
                    db, VisibleTo(caller, db, db.Set<Generation>().Where(row => step.Contains(row.Id))), cancellationToken),
                cancellationToken);
            details.ForEach(each => found[each.Generation.Id] = each);
            if (found.Count > MostAtBeginning)
                return null;
        }
        return found;
    }

    /// <summary>Lists the newest unfinished generations that the caller sees, oldest first.</summary>
    public async Task<IReadOnlyList<GenerationDetails>> UnfinishedAsync(Caller caller, CancellationToken cancellationToken)
    {
        await SaveGrantsAsync(caller, cancellationToken);
        return await contexts.ReadAsync(
            db => WithOutputsAsync(
                db,
                VisibleTo(caller, db, db.Through<Generation>(Generation.UnfinishedOnly).Where(row => row.CompletedAt == null))
                    .OrderByDescending(row => row.Number).Take(MostAtBeginning),
                cancellationToken),
            cancellationToken);
    }

    /// <summary>
    /// Lists generations that ended since a time, oldest first. There is no index on the time of an end, so it finds them by their
    /// creation: at most the longest run before that time. What waited longer in the queue is left out.
    /// </summary>
    public async Task<IReadOnlyList<GenerationDetails>> EndedAsync(
        DateTimeOffset since, DateTimeOffset now, Caller caller, CancellationToken cancellationToken)
    {
        if (now - since > LongestGap || since - now > Slack)
            return [];
        await SaveGrantsAsync(caller, cancellationToken);
        var page = await generations.ListAsync(
            new GenerationQuery
            {
                Account = caller.VisibleAccount,
                CreatedAfter = since - TimeSpan.FromSeconds(options.Value.MaxRunSeconds) - Slack,
                Limit = MostAtBeginning,
            },
            cancellationToken);
        return [.. page.Generations.Where(each => each.Generation.CompletedAt >= since - Slack).Reverse()];
    }

    /// <summary>Lists the tags of the caller's account on an image; null if it sees no such image.</summary>
    public async Task<IReadOnlyList<string>?> TagsAsync(Guid image, Caller caller, CancellationToken cancellationToken)
    {
        try
        {
            return await gallery.TagsAsync(image, caller, cancellationToken);
        }
        catch (GenApiException gone) when (gone.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>Rows alone say what the caller sees, and what a hit gave it a moment ago may have none yet.</summary>
    public Task SaveGrantsAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.VisibleAccount is { } account ? access.SaveGrantsAsync(account, cancellationToken) : Task.CompletedTask;

    private static IQueryable<Generation> VisibleTo(Caller caller, GenApiDbContext db, IQueryable<Generation> rows) =>
        GenerationReader.Visible(db, Listed(rows), caller.VisibleAccount);

    private static IQueryable<Generation> Listed(IQueryable<Generation> rows) => rows.AsNoTracking()
        .Where(row => row.DeleteRequestedAt == null && row.OwnerId != FixedAccounts.KeepWarmId);

    private static async Task<List<GenerationDetails>> WithOutputsAsync(
        GenApiDbContext db, IQueryable<Generation> rows, CancellationToken cancellationToken)
    {
        var found = await rows.ToListAsync(cancellationToken);
        found.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        var withOutputs = found.Where(row => row.Status >= GenerationStatus.Storing).Select(row => row.Id).ToList();
        var outputs = (withOutputs.Count == 0 ? [] : await ImageLibrary.ListStoredAsync(db, withOutputs, cancellationToken))
            .ToLookup(output => output.GenerationId);
        return found.ConvertAll(row => GenerationDetails.Of(row, [.. outputs[row.Id]]));
    }
}

/// <summary>A generation and the accounts that see it.</summary>
internal sealed record SeenGeneration(GenerationDetails Details, IReadOnlySet<Guid> Accounts)
{
    public bool IsSeenBy(Caller caller) => caller.SeesAll || Accounts.Contains(caller.AccountId);
}
