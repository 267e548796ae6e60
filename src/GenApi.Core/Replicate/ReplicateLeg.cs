namespace GenApi.Core.Replicate;

/// <summary>What was being asked when something went wrong: the same status means different things.</summary>
internal enum ReplicateLeg
{
    /// <summary>Costs money and can't be repeated safely.</summary>
    Create,
    Cancel,
    ReadPrediction,
    ReadModel,

    /// <summary>Lists, account, hardware.</summary>
    ReadOther,
}
