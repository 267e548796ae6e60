namespace GenApi.Core.Generations;

/// <summary>Looks at predictions that were made so close together that pages of the list may show them together.</summary>
internal sealed class LookCluster
{
    private readonly List<Look> _looks = [];

    private LookCluster(Look first)
    {
        (Oldest, Newest) = (first.Oldest, first.Newest);
        _looks.Add(first);
    }

    public IReadOnlyList<Look> Looks => _looks;

    public DateTimeOffset Oldest { get; private set; }

    public DateTimeOffset Newest { get; }

    /// <param name="looks">In any order.</param>
    /// <param name="pageSpan">How much time a page of the list covers. Where more than that lies between two, the list is entered anew.</param>
    public static IReadOnlyList<LookCluster> Of(IEnumerable<Look> looks, TimeSpan pageSpan)
    {
        List<LookCluster> clusters = [];
        foreach (var look in looks.OrderByDescending(look => look.Newest))
        {
            if (clusters.Count == 0 || clusters[^1].Oldest - look.Newest > pageSpan)
                clusters.Add(new LookCluster(look));
            else
                clusters[^1].Add(look);
        }
        return clusters;
    }

    /// <summary>Pages that it takes, at least one.</summary>
    public int PagesAt(TimeSpan pageSpan) => (int)Math.Clamp(Math.Ceiling((Newest - Oldest) / pageSpan), 1, int.MaxValue / 4);

    private void Add(Look look)
    {
        _looks.Add(look);
        if (look.Oldest < Oldest)
            Oldest = look.Oldest;
    }
}
