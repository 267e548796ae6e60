namespace GenApi.Core.Generations;

/// <summary>The state of a generation, as callers see it. A terminal status never changes.</summary>
public enum GenerationStatus
{
    /// <summary>It waits here; the upstream has not returned a prediction id yet.</summary>
    Queued,

    /// <summary>The upstream has queued it, or is booting a machine for it.</summary>
    Starting,

    /// <summary>The model is running.</summary>
    Processing,

    /// <summary>The upstream is done; its files are being fetched and stored.</summary>
    Storing,

    /// <summary>Terminal: every file is on our disk.</summary>
    Succeeded,

    /// <summary>Terminal: see the error.</summary>
    Failed,

    /// <summary>Terminal: a caller canceled it.</summary>
    Canceled,
}

/// <summary>Groups of statuses.</summary>
public static class GenerationStatuses
{
    public static bool IsTerminal(this GenerationStatus status) => status >= GenerationStatus.Succeeded;

    /// <summary>The word in JSON, rows and logs.</summary>
    public static string Word(this GenerationStatus status) => status switch
    {
        GenerationStatus.Queued => "queued",
        GenerationStatus.Starting => "starting",
        GenerationStatus.Processing => "processing",
        GenerationStatus.Storing => "storing",
        GenerationStatus.Succeeded => "succeeded",
        GenerationStatus.Failed => "failed",
        _ => "canceled",
    };
}
