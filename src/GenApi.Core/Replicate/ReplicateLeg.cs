namespace GenApi.Core.Replicate;

/// <summary>What was being asked when something went wrong: the same status means different things.</summary>
internal enum ReplicateLeg
{
    /// <summary>Costs money and can't be repeated safely.</summary>
    Create,
    Cancel,
    ReadPrediction,
    ReadModel,

    /// <summary>Sends a file. Costs nothing, so it may be sent again whatever became of it.</summary>
    SendFile,

    /// <summary>Looks at a file, or takes it away.</summary>
    File,

    /// <summary>In beta: a 404 means that there is no such search.</summary>
    Search,

    /// <summary>Lists, account, hardware.</summary>
    ReadOther,
}
