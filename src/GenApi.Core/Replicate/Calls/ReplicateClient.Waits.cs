namespace GenApi.Core.Replicate.Calls;

/// <summary>The turns of calls, and what is told of them.</summary>
public sealed partial class ReplicateClient
{
    /// <summary>Waits for the right to create one prediction: for the limits, and for the pause that the upstream has asked for.</summary>
    internal async ValueTask<CallPermit> WaitToCreateAsync(CancellationToken cancellationToken)
    {
        var right = await _gate.EnterToCreateAsync(cancellationToken);
        Waited(ReplicateLeg.Create, right);
        return right;
    }

    private void Waited(ReplicateLeg leg, CallPermit right)
    {
        if (right.Wait is { } wait)
            _metrics.UpstreamWaited(Word(leg), wait.Reason, wait.Length);
    }

    private static string Word(ReplicateLeg leg) => leg switch
    {
        ReplicateLeg.Create => "create",
        ReplicateLeg.Cancel => "cancel",
        ReplicateLeg.ReadPrediction => "read_prediction",
        ReplicateLeg.ReadModel => "read_model",
        ReplicateLeg.SendFile or ReplicateLeg.File => "file",
        ReplicateLeg.Search => "search",
        _ => "other",
    };
}
