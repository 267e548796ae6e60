using GenApi.Core.Accounts;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Gallery;

/// <summary>
/// Reads lists of images. It walks an index of the caller's own rows in steps, so that a page costs the same wherever it lies and whatever
/// other accounts have. A filter that matches rarely ends the walk after <see cref="MostPerRequest"/> generations: the page is then short,
/// and its cursor continues.
/// </summary>
internal sealed class GalleryReader(IDbContextFactory<GenApiDbContext> contexts, SearchFill search)
{
    /// <summary>Generations examined for one page. 5,000 take some hundredths of a second.</summary>
    internal const int MostPerRequest = 5000;

    private const int FirstStep = 128;
    private const int LargestStep = 1024;

    /// <summary>Prompts matched in each step of a search.</summary>
    private const int MatchesPerStep = 200;

    /// <exception cref="Errors.GenApiException">
    /// StorageUnavailable: the database can't be read, or the search index is still being made.
    /// </exception>
    public Task<GalleryPage> ListAsync(GalleryQuery query, Caller caller, CancellationToken cancellationToken)
    {
        if (query.Words is { Length: > 0 })
            search.ThrowIfIncomplete();
        return contexts.ReadAsync(async db =>
        {
            var found = query.Words is { Length: > 0 } words
                ? await SearchAsync(db, query, words, caller, cancellationToken)
                : await WalkAsync(db, query, caller, cancellationToken);
            var page = found.Images.Count > query.Limit ? found.UpTo(query.Limit) : found;
            var tags = await AccountTags.OfAsync(db, caller.AccountId, page.Images, cancellationToken);
            return page with { Images = [.. page.Images.Select(each => each with { Tags = [.. tags[each.Image.Id]] })] };
        }, cancellationToken);
    }

    private static async Task<GalleryPage> WalkAsync(
        GenApiDbContext db, GalleryQuery query, Caller caller, CancellationToken cancellationToken)
    {
        var lists = GalleryLists.Of(db, query, caller);
        var found = new List<GalleryImage>();
        var stretch = GalleryStretch.From(query);
        var examined = 0;
        for (var step = FirstStep; ; step = Math.Min(2 * step, LargestStep))
        {
            // The stretch ends where the list that reaches least far in this step does.
            GalleryPlace? end = null;
            foreach (var list in lists)
            {
                var places = await list.PlacesAsync(stretch, step, cancellationToken);
                examined += places.Count;
                if (places.Count == step && (end is null || places[^1].ComesBefore(end, query.IsOldestFirst)))
                    end = places[^1];
            }
            var rows = new List<GalleryImage>();
            foreach (var list in lists)
            {
                var images = list.Images(stretch with { End = end });
                rows.AddRange(await images.Take(query.Limit + 1 - found.Count).ToListAsync(cancellationToken));
            }
            var newestFirst = rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Number)
                .ThenBy(row => row.Image.Index);
            found.AddRange(query.IsOldestFirst ? newestFirst.Reverse() : newestFirst);
            if (found.Count > query.Limit || end is null)
                return new(found, null);
            var at = new GalleryCursor(end.At, end.Number, GalleryCursor.WholeGeneration);
            if (examined >= MostPerRequest)
                return new(found, at);
            stretch = stretch with { Cursor = at };
        }
    }

    /// <summary>
    /// Searches in the order of the generations' numbers, as every search does, so the cursor's time is not used.
    /// </summary>
    private static async Task<GalleryPage> SearchAsync(
        GenApiDbContext db, GalleryQuery query, string words, Caller caller, CancellationToken cancellationToken)
    {
        var found = new List<GalleryImage>();
        var beyond = query.IsOldestFirst ? 1 : -1;
        // The number next to the first one that is searched.
        var from = query.Cursor switch
        {
            null => query.IsOldestFirst ? 0 : long.MaxValue,
            { Index: GalleryCursor.WholeGeneration, Number: var number } => number,
            { Number: var number } => number - beyond,
        };
        for (var examined = 0; ;)
        {
            if (db.NumbersOfPromptsWith(caller.VisibleAccount, words, from, MatchesPerStep, query.IsOldestFirst) is not { } matches
                || await matches.ToListAsync(cancellationToken) is not { Count: > 0 } numbers)
                return new(found, null);
            found.AddRange(await GalleryLists.OfNumbers(db, query, caller, numbers)
                .Take(query.Limit + 1 - found.Count).ToListAsync(cancellationToken));
            if (found.Count > query.Limit)
                return new(found, null);
            from = numbers[^1];
            examined += numbers.Count;
            if (examined >= MostPerRequest)
                return new(found, new(query.Cursor?.CreatedAt ?? default, from, GalleryCursor.WholeGeneration));
        }
    }
}
