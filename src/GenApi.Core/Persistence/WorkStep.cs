namespace GenApi.Core.Persistence;

/// <summary>How far a long work on the store is.</summary>
/// <param name="What">What is being done, as a phrase: <c>keeping blobs</c>.</param>
/// <param name="Done">So many so far; 0: it is not counted.</param>
/// <param name="All">Of so many; 0: nobody knows.</param>
public readonly record struct WorkStep(string What, long Done = 0, long All = 0);
