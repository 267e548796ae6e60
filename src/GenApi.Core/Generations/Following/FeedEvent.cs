namespace GenApi.Core.Generations.Following;

/// <summary>One event of the stream of all changes. One instance serves all listeners, so that its JSON can be written once.</summary>
internal abstract record FeedEvent
{
    private FeedEvent()
    {
    }

    /// <summary>The place after this event, as its id says it; null: the listener can't continue from here.</summary>
    public string? Position { get; init; }

    /// <summary>A listener that has not received an event yet needs only the newest of those with the same subject.</summary>
    internal abstract object Subject { get; }

    /// <summary>A generation is new to the listener, or looks different.</summary>
    internal sealed record Changed(GenerationDetails Details) : FeedEvent
    {
        internal override object Subject => Details.Generation.Id;
    }

    /// <summary>Only the progress of a generation has changed.</summary>
    internal sealed record Progressed(GenerationDetails Details) : FeedEvent
    {
        internal override object Subject => Details.Generation.Id;
    }

    /// <summary>The listener no longer sees a generation.</summary>
    internal sealed record Removed(Guid Generation) : FeedEvent
    {
        internal override object Subject => Generation;
    }

    /// <summary>An output went to the bin or is gone, or came back.</summary>
    internal sealed record OutputMoved(Guid Output, bool IsImage, Guid Generation, bool IsBack) : FeedEvent
    {
        internal override object Subject => Output;
    }

    /// <summary>The listener's account has these tags on an image, in ordinal order.</summary>
    internal sealed record Tagged(Guid Image, IReadOnlyList<string> Tags) : FeedEvent
    {
        internal override object Subject => (Image, "tags");
    }

    /// <summary>Too much was missed to list it.</summary>
    internal sealed record Reset : FeedEvent
    {
        internal override object Subject => typeof(Reset);
    }

    /// <summary>The listener has everything up to now.</summary>
    internal sealed record Ready : FeedEvent
    {
        internal override object Subject => typeof(Ready);
    }
}
