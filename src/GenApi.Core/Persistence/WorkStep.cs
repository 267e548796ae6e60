namespace GenApi.Core.Persistence;

/// <summary>The progress of long work on the store.</summary>
/// <param name="What">The work, as a phrase: <c>copying blobs</c>.</param>
/// <param name="Done">Steps done so far; 0: not counted.</param>
/// <param name="All">All steps; 0: not known.</param>
public readonly record struct WorkStep(string What, long Done = 0, long All = 0);
