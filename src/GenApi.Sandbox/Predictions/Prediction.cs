using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Predictions;

internal enum PredictionStatus
{
    Starting,
    Processing,
    Succeeded,
    Failed,
    Canceled,
    Aborted,
}

internal sealed record WebhookTarget(Uri Url, IReadOnlySet<string> Events, IReadOnlyList<string>? Filter);

/// <summary>
/// One run. <see cref="PredictionEngine"/> changes it and <see cref="PredictionJson"/> reads it, both under <see cref="Gate"/>.
/// </summary>
internal sealed class Prediction
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _filesThere = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Lock Gate { get; } = new();

    public required string Id { get; init; }

    /// <summary>Increases by one per prediction. The list is ordered by it, and its cursors hold it.</summary>
    public required long Number { get; init; }

    public required ModelDefinition Model { get; init; }
    public required string Version { get; init; }

    /// <summary>The address at which the caller reached the sandbox. Links use the same address.</summary>
    public required string BaseUrl { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>True if answers show <see cref="Deadline"/>.</summary>
    public required bool ShowsDeadline { get; init; }

    public WebhookTarget? Webhook { get; init; }

    /// <summary>The deployment that was called, <c>owner/name</c>; null: none.</summary>
    public string? Deployment { get; init; }

    /// <summary>The model that this training writes to, <c>owner/name</c>; null: this is no training.</summary>
    public string? Destination { get; init; }

    public PredictionStatus Status { get; set; } = PredictionStatus.Starting;
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>The input as it came, as UTF-8 JSON; null once removed.</summary>
    public byte[]? Input { get; set; }

    /// <summary>Null once the data is removed.</summary>
    public RunPlan? Plan { get; set; }

    /// <summary>JSON.</summary>
    public string? Output { get; set; }

    public IReadOnlyList<string> FileKeys { get; set; } = [];
    public string? Error { get; set; }
    public bool DataRemoved { get; set; }

    /// <summary>The last webhook in the queue; the next one waits for it.</summary>
    public Task Deliveries { get; set; } = Task.CompletedTask;

    public bool HasEnded => Status >= PredictionStatus.Succeeded;

    public Task Ended => _ended.Task;

    /// <summary>Completes a waiting creation: at the files or at the end, whichever comes first.</summary>
    public Task FilesThere => _filesThere.Task;

    public void SignalFiles() => _filesThere.TrySetResult();

    public void SignalEnd()
    {
        _filesThere.TrySetResult();
        _ended.TrySetResult();
    }
}
