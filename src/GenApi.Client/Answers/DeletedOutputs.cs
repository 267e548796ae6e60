namespace GenApi.Client;

/// <summary>Images and files that were deleted together.</summary>
public sealed record DeletedOutputs
{
    /// <summary>Their ids, in the order of the call.</summary>
    public IReadOnlyList<string> Ids { get => field ?? []; init; }

    /// <summary>
    /// The time until which <see cref="GenApiClient.RestoreImagesAsync"/> brings all of them back; null: they are gone for good.
    /// </summary>
    public DateTimeOffset? RestorableUntil { get; init; }
}

/// <summary>The ids of a call that acts on many images.</summary>
internal sealed record Selection(IReadOnlyList<string> Ids);
