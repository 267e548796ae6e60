namespace GenApi.Core.Replicate.Calls;

/// <summary>Waits for permits and measures the waits.</summary>
public sealed partial class ReplicateClient
{
    /// <summary>Waits for the permit to create one prediction: for the limits, and for a pause that the upstream has asked for.</summary>
    internal async ValueTask<CallPermit> WaitToCreateAsync(CancellationToken cancellationToken)
    {
        var permit = await _gate.EnterToCreateAsync(cancellationToken);
        Waited(ReplicateLeg.Create, permit);
        return permit;
    }

    private void Waited(ReplicateLeg leg, CallPermit permit)
    {
        if (permit.Wait is { } wait)
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
