using GenApi.Core.Accounts;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Reading;

/// <summary>Reads generations with their images. Finished ones come from memory.</summary>
internal sealed class GenerationReader(IDbContextFactory<GenApiDbContext> contexts, GenerationCache cache, SearchFill search)
{
    /// <summary>Prompts matched in each step, because a search may also filter by something that the search index does not know.</summary>
    private const int MatchesPerStep = 200;

    private static readonly string ById = Generation.Rows.Select("""WHERE t."Id" = @p0 AND t."DeleteRequestedAt" IS NULL""");

    /// <summary>
    /// Runs one query for a generation of another account and for one that does not exist, so that its time shows neither.
    /// </summary>
    private static readonly Func<GenApiDbContext, Guid, Guid, Task<Generation?>> ByIdAndAccount = StoreQuery.Compile(
        (GenApiDbContext db, Guid id, Guid account) => db.Set<Generation>().AsNoTracking()
            .FirstOrDefault(generation => generation.Id == id && generation.DeleteRequestedAt == null
                && ((generation.OwnerId == account && generation.OwnerLeftAt == null)
                || db.Set<GenerationGrant>().Any(grant =>
                    grant.AccountId == account && grant.CreatedAt == generation.CreatedAt && grant.Number == generation.Number))));

    private static readonly string AnswerByCacheKey = Answer("CacheKey"), AnswerByReuseKey = Answer("ReuseKey");

    private static readonly Func<GenApiDbContext, Guid, IAsyncEnumerable<StoredImage>> ImagesOf = StoreQuery.Compile(
        (GenApiDbContext db, Guid id) =>
            db.Set<StoredImage>().AsNoTracking().Where(image => image.GenerationId == id).OrderBy(image => image.Index).AsQueryable());

    /// <returns>Null when there is none, or it was deleted.</returns>
    public async Task<GenerationDetails?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        cache.Find(id) is { } kept ? kept : await ReadAsync(
            db => Generation.Rows.FirstAsync(db, ById, cancellationToken, id), cancellationToken);

    /// <summary>Finds it in the database, if the account made it or was given it.</summary>
    public Task<GenerationDetails?> FindAsync(Guid id, Guid account, CancellationToken cancellationToken) =>
        ReadAsync(db => ByIdAndAccount(db, id, account), cancellationToken);

    private static string Answer(string column) => Generation.Rows.Select(
        $"""
        WHERE t."{column}" = @p0 AND t."IsAnswer" AND t."DeleteRequestedAt" IS NULL
            AND NOT EXISTS (SELECT 1 FROM "Images" AS i WHERE i."GenerationId" = t."Id" AND i."BinnedAt" IS NOT NULL)
        ORDER BY t."Number" DESC LIMIT 1
        """);

    private async Task<GenerationDetails?> ReadAsync(
        Func<GenApiDbContext, Task<Generation?>> find, CancellationToken cancellationToken)
    {
        var version = cache.Version;
        var details = await contexts.ReadAsync(
            async db => await find(db) is { } generation ? await WithImagesAsync(db, generation, cancellationToken) : null,
            cancellationToken);
        if (details is not null)
            cache.Put(details, version);
        return details;
    }

    /// <summary>Returns the query for the newest finished answer to a key.</summary>
    public static RowStatement AnswerTo(string key, bool anySeed) => new(anySeed ? AnswerByReuseKey : AnswerByCacheKey, key);

    /// <summary>Finds the newest finished answer to a key through the writer's context, so that nothing can come between.</summary>
    public static async Task<GenerationDetails?> FindAnswerAsync(
        GenApiDbContext db, string key, bool anySeed, CancellationToken cancellationToken)
    {
        var query = AnswerTo(key, anySeed);
        return await Generation.Rows.FirstAsync(db, query.Text, cancellationToken, query.Values) is { } generation
            ? await WithImagesAsync(db, generation, cancellationToken)
            : null;
    }

    /// <summary>Finds the newest finished answer to a key that is older than another, which an estimate passes over.</summary>
    public static async Task<GenerationDetails?> FindAnswerBeforeAsync(
        GenApiDbContext db, string key, bool anySeed, long number, CancellationToken cancellationToken)
    {
        var answers = db.Set<Generation>().AsNoTracking()
            .Where(generation => generation.IsAnswer && generation.DeleteRequestedAt == null && generation.Number < number
                && !db.Set<StoredImage>().Any(image => image.GenerationId == generation.Id && image.BinnedAt != null));
        answers = anySeed
            ? answers.Where(generation => generation.ReuseKey == key)
            : answers.Where(generation => generation.CacheKey == key);
        var found = await answers.OrderByDescending(generation => generation.Number).FirstOrDefaultAsync(cancellationToken);
        return found is null ? null : await WithImagesAsync(db, found, cancellationToken);
    }

    public static async Task<GenerationDetails> WithImagesAsync(
        GenApiDbContext db, Generation generation, CancellationToken cancellationToken)
    {
        // Before Storing there are no images, and each poll of a run comes along here.
        if (generation.Status < GenerationStatus.Storing)
            return new(generation, []);
        var stored = new List<StoredImage>();
        await foreach (var image in ImagesOf(db, generation.Id).WithCancellation(cancellationToken))
            stored.Add(image);
        return GenerationDetails.Of(generation, stored);
    }

    /// <exception cref="Errors.GenApiException">
    /// StorageUnavailable: the database can't be read, or the search index is still being made.
    /// </exception>
    public Task<GenerationPage> ListAsync(GenerationQuery query, CancellationToken cancellationToken)
    {
        if (query.Words is { Length: > 0 })
            search.ThrowIfIncomplete();
        return contexts.ReadAsync(db => ListAsync(db, query, cancellationToken), cancellationToken);
    }

    private static async Task<GenerationPage> ListAsync(GenApiDbContext db, GenerationQuery query, CancellationToken cancellationToken)
    {
        var found = query.Words is { Length: > 0 } words
            ? await SearchAsync(db, query, words, cancellationToken)
            : await NewestAsync(db, query, cancellationToken);

        var page = found.Take(query.Limit).ToList();
        if (query.IsBackward)
            page.Reverse();
        var ids = page.Select(generation => generation.Id).ToList();
        var stored = (await ImageLibrary.ListStoredAsync(db, ids, cancellationToken)).ToLookup(image => image.GenerationId);
        var isMore = found.Count > query.Limit;
        var (hasNext, hasPrevious) = query.IsBackward ? (true, isMore) : (isMore, query.Cursor is not null);
        return new(
            [.. page.Select(generation => GenerationDetails.Of(generation, [.. stored[generation.Id]]))],
            hasNext && page.Count > 0 ? CursorAt(page[^1]) : null)
        {
            Previous = hasPrevious && page.Count > 0 ? CursorAt(page[0]) : null,
        };
    }

    private static GenerationCursor CursorAt(Generation row) => new(row.CreatedAt, row.Number);

    /// <summary>
    /// Reads the newest of two indexes: what the account made, and what it was given. The query names them, because the engine would choose
    /// another index where its statistics suggest it. Then a page would take longer the more rows other accounts have. A page backward
    /// reads both from their other end.
    /// </summary>
    private static async Task<List<Generation>> NewestAsync(GenApiDbContext db, GenerationQuery query, CancellationToken cancellationToken)
    {
        var rows = query.Account is { } owner
            ? db.Through<Generation>(query.Status is null ? Generation.ByOwner : Generation.ByOwnerAndStatus)
                .Where(generation => generation.OwnerId == owner && generation.OwnerLeftAt == null)
            : db.Set<Generation>();
        var filtered = Filtered(rows, query);
        var found = await (query.IsBackward
                ? filtered.OrderBy(generation => generation.CreatedAt).ThenBy(generation => generation.Number)
                : filtered.OrderByDescending(generation => generation.CreatedAt).ThenByDescending(generation => generation.Number))
            .Take(query.Limit + 1).ToListAsync(cancellationToken);
        if (query.Account is not { } account || query.EndUser is not null)
            return found;
        var pairs = Filtered(db.Through<Generation>(null), query)
            .Join(
                db.Set<GenerationGrant>().Where(grant => grant.AccountId == account), generation => generation.Number,
                grant => grant.Number, (generation, grant) => new { generation, grant });
        var given = await (query.IsBackward
                ? pairs.OrderBy(pair => pair.grant.CreatedAt).ThenBy(pair => pair.grant.Number)
                : pairs.OrderByDescending(pair => pair.grant.CreatedAt).ThenByDescending(pair => pair.grant.Number))
            .Take(query.Limit + 1).Select(pair => pair.generation).ToListAsync(cancellationToken);
        var both = found.Concat(given);
        return
        [
            .. (query.IsBackward
                    ? both.OrderBy(generation => generation.CreatedAt).ThenBy(generation => generation.Number)
                    : both.OrderByDescending(generation => generation.CreatedAt).ThenByDescending(generation => generation.Number))
                .Take(query.Limit + 1),
        ];
    }

    /// <summary>
    /// Reads the newest matches first, a step at a time. A word that stands in every prompt costs no more than a rare one.
    /// </summary>
    private static async Task<List<Generation>> SearchAsync(
        GenApiDbContext db, GenerationQuery query, string words, CancellationToken cancellationToken)
    {
        var found = new List<Generation>();
        var before = query.Cursor?.Number ?? long.MaxValue;
        while (found.Count <= query.Limit)
        {
            if (db.NumbersOfPromptsWith(query.Account, words, before, MatchesPerStep, isUpwards: false) is not { } matches
                || await matches.ToListAsync(cancellationToken) is not { Count: > 0 } numbers)
                break;
            found.AddRange(await Visible(db, Filtered(db.Through<Generation>(null), query with { Cursor = null }), query.Account)
                .Where(generation => numbers.Contains(generation.Number))
                .OrderByDescending(generation => generation.Number).ToListAsync(cancellationToken));
            before = numbers[^1];
        }
        return found;
    }

    /// <summary>Narrows rows to those that an account sees; null: all.</summary>
    internal static IQueryable<Generation> Visible(GenApiDbContext db, IQueryable<Generation> rows, Guid? account) =>
        account is not { } own
            ? rows
            : rows.Where(generation => (generation.OwnerId == own && generation.OwnerLeftAt == null)
                || db.Set<GenerationGrant>().Any(grant =>
                    grant.AccountId == own && grant.CreatedAt == generation.CreatedAt && grant.Number == generation.Number));

    private static IQueryable<Generation> Filtered(IQueryable<Generation> all, GenerationQuery query)
    {
        var rows = all.AsNoTracking()
            .Where(generation => generation.DeleteRequestedAt == null && generation.OwnerId != FixedAccounts.KeepWarmId);
        if (query.Status is { } status)
            rows = rows.Where(generation => generation.Status == status);
        if (query.Model is { } model)
            rows = rows.Where(generation => generation.Model == model);
        if (query.EndUser is { } endUser)
        {
            rows = rows.Where(generation => generation.EndUser == endUser
                && (query.Account == null || generation.OwnerId == query.Account));
        }
        // Written as two conditions, so that the partial index of pinned rows serves.
        if (query.IsPinned is { } isPinned)
            rows = isPinned ? rows.Where(generation => generation.IsPinned) : rows.Where(generation => !generation.IsPinned);
        if (query.CreatedAfter is { } after)
            rows = rows.Where(generation => generation.CreatedAt >= after);
        if (query.CreatedBefore is { } before)
            rows = rows.Where(generation => generation.CreatedAt < before);
        if (query.Cursor is { } cursor)
        {
            rows = query.IsBackward
                ? rows.Where(generation => generation.CreatedAt > cursor.CreatedAt
                    || (generation.CreatedAt == cursor.CreatedAt && generation.Number > cursor.Number))
                : rows.Where(generation => generation.CreatedAt < cursor.CreatedAt
                    || (generation.CreatedAt == cursor.CreatedAt && generation.Number < cursor.Number));
        }
        return rows;
    }
}
