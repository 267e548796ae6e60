namespace GenApi.Core.Replicate;

/// <summary>The kind of call: the same status means different things for each.</summary>
internal enum ReplicateLeg
{
    /// <summary>A creation. It costs money and can't be repeated safely.</summary>
    Create,
    Cancel,
    ReadPrediction,
    ReadModel,

    /// <summary>Sends a file. It costs nothing, so it may be repeated after any failure.</summary>
    SendFile,

    /// <summary>Reads or deletes a file.</summary>
    File,

    /// <summary>The search, in beta: a 404 means that the upstream has none.</summary>
    Search,

    /// <summary>Reads a collection of models.</summary>
    ReadCollection,

    /// <summary>Lists, account, hardware.</summary>
    ReadOther,
}
