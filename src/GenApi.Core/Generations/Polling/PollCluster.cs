namespace GenApi.Core.Generations.Polling;

/// <summary>Looks at predictions that were made so close together that pages of the list may show them together.</summary>
internal sealed class PollCluster
{
    private readonly List<Poll> _looks = [];

    private PollCluster(Poll first)
    {
        (Oldest, Newest) = (first.Oldest, first.Newest);
        _looks.Add(first);
    }

    public IReadOnlyList<Poll> Looks => _looks;

    public DateTimeOffset Oldest { get; private set; }

    public DateTimeOffset Newest { get; }

    /// <param name="looks">In any order.</param>
    /// <param name="pageSpan">How much time a page of the list covers. Where more than that lies between two, the list is entered anew.</param>
    public static IReadOnlyList<PollCluster> Of(IEnumerable<Poll> looks, TimeSpan pageSpan)
    {
        List<PollCluster> clusters = [];
        foreach (var look in looks.OrderByDescending(look => look.Newest))
        {
            if (clusters.Count == 0 || clusters[^1].Oldest - look.Newest > pageSpan)
                clusters.Add(new PollCluster(look));
            else
                clusters[^1].Add(look);
        }
        return clusters;
    }

    /// <summary>Pages that it takes, at least one.</summary>
    public int PagesAt(TimeSpan pageSpan) => (int)Math.Clamp(Math.Ceiling((Newest - Oldest) / pageSpan), 1, int.MaxValue / 4);

    private void Add(Poll look)
    {
        _looks.Add(look);
        if (look.Oldest < Oldest)
            Oldest = look.Oldest;
    }
}
