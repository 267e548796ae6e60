namespace GenApi.Core.Generations.Polling;

/// <summary>Polls of predictions that were made so close together that pages of the list may show them together.</summary>
internal sealed class PollCluster
{
    private readonly List<Poll> _polls = [];

    private PollCluster(Poll first)
    {
        (Oldest, Newest) = (first.Oldest, first.Newest);
        _polls.Add(first);
    }

    public IReadOnlyList<Poll> Polls => _polls;

    public DateTimeOffset Oldest { get; private set; }

    public DateTimeOffset Newest { get; }

    /// <summary>Groups polls by time.</summary>
    /// <param name="polls">In any order.</param>
    /// <param name="pageSpan">How much time a page of the list covers. A longer gap between two polls begins another cluster.</param>
    public static IReadOnlyList<PollCluster> Of(IEnumerable<Poll> polls, TimeSpan pageSpan)
    {
        List<PollCluster> clusters = [];
        foreach (var poll in polls.OrderByDescending(poll => poll.Newest))
        {
            if (clusters.Count == 0 || clusters[^1].Oldest - poll.Newest > pageSpan)
                clusters.Add(new PollCluster(poll));
            else
                clusters[^1].Add(poll);
        }
        return clusters;
    }

    /// <summary>Returns the number of pages that the cluster takes, at least one.</summary>
    public int PagesAt(TimeSpan pageSpan) => (int)Math.Clamp(Math.Ceiling((Newest - Oldest) / pageSpan), 1, int.MaxValue / 4);

    private void Add(Poll poll)
    {
        _polls.Add(poll);
        if (poll.Oldest < Oldest)
            Oldest = poll.Oldest;
    }
}
