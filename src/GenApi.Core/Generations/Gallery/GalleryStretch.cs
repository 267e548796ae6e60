namespace GenApi.Core.Generations.Gallery;

/// <summary>The position of a generation in a list.</summary>
internal sealed class GalleryPlace
{
    public required DateTimeOffset At { get; init; }

    public required long Number { get; init; }

    /// <summary>The image that a list of images names; anything else in a list of generations.</summary>
    public required Guid Subject { get; init; }

    public bool IsNewerThan(GalleryPlace other) => At > other.At || (At == other.At && Number > other.Number);

    /// <summary>Returns whether a list reaches this position before the other one.</summary>
    public bool ComesBefore(GalleryPlace other, bool isOldestFirst) => isOldestFirst ? other.IsNewerThan(this) : IsNewerThan(other);
}

/// <summary>A part of a list. Its conditions are written so that an index by time and number serves for both ends.</summary>
internal sealed record GalleryStretch
{
    /// <summary>The images up to this one were seen; null: none.</summary>
    public GalleryCursor? Cursor { get; init; }

    /// <summary>The last generation; null: to the end.</summary>
    public GalleryPlace? End { get; init; }

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>True: it runs from the oldest to the newest.</summary>
    public bool IsOldestFirst { get; init; }

    public static GalleryStretch From(GalleryQuery query) => new()
    {
        Cursor = query.Cursor,
        After = query.CreatedAfter,
        Before = query.CreatedBefore,
        IsOldestFirst = query.IsOldestFirst,
    };

    public IQueryable<GalleryPlace> Of(IQueryable<GalleryPlace> places) => IsOldestFirst ? Upwards(places) : Downwards(places);

    private IQueryable<GalleryPlace> Downwards(IQueryable<GalleryPlace> places)
    {
        if (Cursor is { } cursor)
        {
            // The first condition alone can be read off the index; the second one only decides among equal times.
            var (at, number) = (cursor.CreatedAt, cursor.Index == GalleryCursor.WholeGeneration ? cursor.Number - 1 : cursor.Number);
            places = places.Where(place => place.At <= at && (place.At < at || place.Number <= number));
        }
        if (Before is { } before && !(Cursor?.CreatedAt < before))
            places = places.Where(place => place.At < before);
        if (End is { } end)
        {
            var (at, number) = (end.At, end.Number);
            places = places.Where(place => place.At >= at && (place.At > at || place.Number >= number));
        }
        else if (After is { } after)
        {
            places = places.Where(place => place.At >= after);
        }
        return places;
    }

    private IQueryable<GalleryPlace> Upwards(IQueryable<GalleryPlace> places)
    {
        if (Cursor is { } cursor)
        {
            var (at, number) = (cursor.CreatedAt, cursor.Index == GalleryCursor.WholeGeneration ? cursor.Number + 1 : cursor.Number);
            places = places.Where(place => place.At >= at && (place.At > at || place.Number >= number));
        }
        if (After is { } after && !(Cursor?.CreatedAt >= after))
            places = places.Where(place => place.At >= after);
        if (End is { } end)
        {
            var (at, number) = (end.At, end.Number);
            places = places.Where(place => place.At <= at && (place.At < at || place.Number <= number));
        }
        else if (Before is { } before)
        {
            places = places.Where(place => place.At < before);
        }
        return places;
    }
}
