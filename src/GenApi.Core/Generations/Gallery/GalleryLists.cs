using GenApi.Core.Accounts;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Gallery;

/// <summary>
/// One index of generations, read from either end, and the images behind it. Queries name their indexes, because the engine would choose
/// others where its statistics suggest them. Then a page would take longer the more rows other accounts have.
/// </summary>
/// <param name="places">The positions that the index holds.</param>
/// <param name="imagesOf">The images at some of these positions.</param>
internal sealed class GalleryList(
    IQueryable<GalleryPlace> places, Func<IQueryable<GalleryPlace>, GalleryStretch, IQueryable<GalleryImage>> imagesOf)
{
    /// <summary>Reads the first positions of a stretch. Only the index is read, whatever the filters.</summary>
    public async Task<List<GalleryPlace>> PlacesAsync(GalleryStretch stretch, int atMost, CancellationToken cancellationToken)
    {
        var part = stretch.Of(places);
        var ordered = stretch.IsOldestFirst
            ? part.OrderBy(place => place.At).ThenBy(place => place.Number)
            : part.OrderByDescending(place => place.At).ThenByDescending(place => place.Number);
        var read = await ordered.Take(atMost).Select(place => new { place.At, place.Number }).ToListAsync(cancellationToken);
        return read.ConvertAll(place => new GalleryPlace { At = place.At, Number = place.Number, Subject = Guid.Empty });
    }

    /// <summary>Returns the images of a stretch that match the filters, in the order of the stretch.</summary>
    public IQueryable<GalleryImage> Images(GalleryStretch stretch) => imagesOf(stretch.Of(places), stretch);
}

/// <summary>Chooses the lists that a query reads.</summary>
internal static class GalleryLists
{
    /// <summary>Longer than a row shows, so that a character at its end is whole.</summary>
    private const int LongestPrompt = 264;

    private const string ByGeneration = "IX_Images_GenerationId_Index";

    /// <summary>Before every generation. Nothing is, but the engine does not know that; see <see cref="Filtered"/>.</summary>
    private static readonly DateTimeOffset Never = DateTimeOffset.MinValue;

    public static IReadOnlyList<GalleryList> Of(GenApiDbContext db, GalleryQuery query, Caller caller)
    {
        if (query.Tag is { } tag)
            return [Tagged(db, query, caller, tag)];
        if (caller.VisibleAccount is not { } own)
            return [OfAll(db, query)];
        return
        [
            OfGenerations(
                db, query, db.Through<Generation>(Generation.ByOwner).Where(row => row.OwnerId == own),
                static rows => rows.Where(row => row.OwnerLeftAt == null)),
            new GalleryList(
                db.Set<GenerationGrant>().Where(grant => grant.AccountId == own)
                    .Select(grant => new GalleryPlace { At = grant.CreatedAt, Number = grant.Number, Subject = grant.AccountId }),
                (places, stretch) => Images(db, query, stretch, places, db.Through<Generation>(null))),
        ];
    }

    /// <summary>Returns the matching images of a search's generations, by their numbers.</summary>
    public static IQueryable<GalleryImage> OfNumbers(GenApiDbContext db, GalleryQuery query, Caller caller, List<long> numbers)
    {
        var rows = Visible(db, db.Through<Generation>(null).Where(row => numbers.Contains(row.Number)), caller.VisibleAccount);
        if (query.CreatedAfter is { } after)
            rows = rows.Where(row => row.CreatedAt >= after);
        if (query.CreatedBefore is { } before)
            rows = rows.Where(row => row.CreatedAt < before);
        var pairs = Filtered(query, GalleryStretch.From(query), WithImages(db, rows
            .Select(row => new GalleryPair { At = row.CreatedAt, Subject = row.Id, Generation = row })));
        if (query.Tag is { } tag)
        {
            var (account, tags) = (caller.AccountId, db.Through<ImageTag>(ImageTag.ByTag));
            pairs = pairs.Where(pair => tags.Any(each => each.AccountId == account && each.Tag == tag
                && each.GenerationCreatedAt == pair.Generation.CreatedAt && each.GenerationNumber == pair.Generation.Number
                && each.ImageId == pair.Image.Id));
        }
        return Rows(query.IsOldestFirst
            ? pairs.OrderBy(pair => pair.Generation.Number).ThenByDescending(pair => pair.Image.Index)
            : pairs.OrderByDescending(pair => pair.Generation.Number).ThenBy(pair => pair.Image.Index));
    }

    /// <summary>Everything, for administrators. A model and the pins have their own indexes.</summary>
    private static GalleryList OfAll(GenApiDbContext db, GalleryQuery query)
    {
        if (query.IsPinned == true)
            return OfGenerations(db, query, db.Through<Generation>(Generation.PinnedOnly).Where(row => row.IsPinned));
        return query.Model is { } model
            ? OfGenerations(db, query, db.Through<Generation>(Generation.ByModel).Where(row => row.Model == model))
            : OfGenerations(db, query, db.Through<Generation>(Generation.ByTime));
    }

    private static GalleryList OfGenerations(
        GenApiDbContext db, GalleryQuery query, IQueryable<Generation> rows,
        Func<IQueryable<Generation>, IQueryable<Generation>>? visible = null) => new(
        rows.Select(row => new GalleryPlace { At = row.CreatedAt, Number = row.Number, Subject = row.Id }),
        (places, stretch) => Images(
            db, query, stretch, places,
            visible is null ? db.Through<Generation>(null) : visible(db.Through<Generation>(null))));

    private static GalleryList Tagged(GenApiDbContext db, GalleryQuery query, Caller caller, string tag)
    {
        var account = caller.AccountId;
        return new(
            db.Through<ImageTag>(ImageTag.ByTag).Where(each => each.AccountId == account && each.Tag == tag)
                .Select(each => new GalleryPlace { At = each.GenerationCreatedAt, Number = each.GenerationNumber, Subject = each.ImageId }),
            (places, stretch) =>
            {
                var pairs = WithGenerations(places, Visible(db, db.Through<Generation>(null), caller.VisibleAccount))
                    .SelectMany(_ => db.Set<StoredImage>(), (pair, image) => new GalleryPair
                    {
                        At = pair.At,
                        Subject = pair.Subject,
                        Generation = pair.Generation,
                        Image = image,
                    })
                    .Where(pair => pair.Image.Id == pair.Subject);
                return Rows(Ordered(Filtered(query, stretch, pairs), stretch));
            });
    }

    private static IQueryable<GalleryImage> Images(
        GenApiDbContext db, GalleryQuery query, GalleryStretch stretch, IQueryable<GalleryPlace> places, IQueryable<Generation> rows) =>
        Rows(Ordered(Filtered(query, stretch, WithImages(db, WithGenerations(places, rows))), stretch));

    // Cross joins, because the engine keeps their order: from the positions to the generations to their images. It is free to turn an
    // inner join round, and would begin with the images of all accounts where there are few.
    private static IQueryable<GalleryPair> WithGenerations(IQueryable<GalleryPlace> places, IQueryable<Generation> rows) => places
        .SelectMany(_ => rows, (place, row) => new { place, row }).Where(both => both.row.Number == both.place.Number)
        .Select(both => new GalleryPair { At = both.place.At, Subject = both.place.Subject, Generation = both.row });

    private static IQueryable<GalleryPair> WithImages(GenApiDbContext db, IQueryable<GalleryPair> pairs)
    {
        var images = db.Through<StoredImage>(ByGeneration);
        return pairs
            .SelectMany(_ => images, (pair, image) => new GalleryPair
            {
                At = pair.At,
                Subject = pair.Subject,
                Generation = pair.Generation,
                Image = image,
            })
            .Where(pair => pair.Image.GenerationId == pair.Generation.Id);
    }

    private static IQueryable<Generation> Visible(GenApiDbContext db, IQueryable<Generation> rows, Guid? account) =>
        account is not { } own
            ? rows
            : rows.Where(row => (row.OwnerId == own && row.OwnerLeftAt == null)
                || db.Set<GenerationGrant>().Any(grant =>
                    grant.AccountId == own && grant.CreatedAt == row.CreatedAt && grant.Number == row.Number));

    /// <summary>
    /// Applies the filters to rows that were found already. Each names columns of two tables, by an alternative that is never true. The
    /// engine would take a filter on one table for a reason to read all of it first, for a Bloom filter, with the rows of all accounts.
    /// </summary>
    private static IQueryable<GalleryPair> Filtered(GalleryQuery query, GalleryStretch stretch, IQueryable<GalleryPair> pairs)
    {
        pairs = pairs.Where(pair => pair.At < Never
            || (pair.Generation.DeleteRequestedAt == null && pair.Generation.OwnerId != FixedAccounts.KeepWarmId));
        pairs = pairs.Where(pair => pair.Generation.Number < 0
            || (pair.Image.Kind == FileKind.Image && pair.Image.BinnedAt == null));
        if (stretch.Cursor is { Index: not GalleryCursor.WholeGeneration } cursor)
        {
            pairs = stretch.IsOldestFirst
                ? pairs.Where(pair => pair.Generation.Number != cursor.Number || pair.Image.Index < cursor.Index)
                : pairs.Where(pair => pair.Generation.Number != cursor.Number || pair.Image.Index > cursor.Index);
        }
        if (query.Model is { } model)
            pairs = pairs.Where(pair => pair.At < Never || pair.Generation.Model == model);
        if (query.IsPinned is { } isPinned)
            pairs = pairs.Where(pair => pair.At < Never || pair.Generation.IsPinned == isPinned);
        if (query.MinWidth is { } width)
            pairs = pairs.Where(pair => pair.Generation.Number < 0 || pair.Image.Width >= width);
        if (query.ContentType is { } type)
            pairs = pairs.Where(pair => pair.Generation.Number < 0 || pair.Image.ContentType == type);
        return pairs;
    }

    private static IQueryable<GalleryPair> Ordered(IQueryable<GalleryPair> pairs, GalleryStretch stretch) => stretch.IsOldestFirst
        ? pairs.OrderBy(pair => pair.At).ThenBy(pair => pair.Generation.Number).ThenByDescending(pair => pair.Image.Index)
        : pairs.OrderByDescending(pair => pair.At).ThenByDescending(pair => pair.Generation.Number).ThenBy(pair => pair.Image.Index);

    private static IQueryable<GalleryImage> Rows(IQueryable<GalleryPair> pairs) => pairs.AsNoTracking().Select(pair => new GalleryImage
    {
        Image = pair.Image,
        CreatedAt = pair.Generation.CreatedAt,
        Number = pair.Generation.Number,
        Model = pair.Generation.Model,
        Prompt = pair.Generation.Prompt.Substring(0, LongestPrompt),
        Seed = pair.Generation.Seed,
        IsPinned = pair.Generation.IsPinned,
    });

    /// <summary>A generation and one of its images.</summary>
    private sealed class GalleryPair
    {
        /// <summary>The time at which the generation was made, as the list's index says.</summary>
        public required DateTimeOffset At { get; init; }

        /// <inheritdoc cref="GalleryPlace.Subject"/>
        public required Guid Subject { get; init; }

        public required Generation Generation { get; init; }

        public StoredImage Image { get; init; } = null!;
    }
}
