using GenApi.Sandbox.Control;

namespace GenApi.Sandbox.Http;

/// <summary>Applies the switches for creations, before and after the moment of acceptance.</summary>
internal sealed class CreationFaults(Faults faults, TimeProvider time)
{
    /// <returns>The answer if nothing must be made; else null.</returns>
    /// <exception cref="OperationCanceledException">The caller left while it was held.</exception>
    public async Task<IResult?> BeforeAsync(string? model, CancellationToken ct)
    {
        foreach (var fault in Matching(model))
        {
            if (fault.Kind == FaultKind.CreateSlowBefore && fault.TryUse())
                await fault.HoldAsync(time, ct);
            else if (AnswerBefore(fault) is { } answer && fault.TryUse())
                return answer;
        }
        ct.ThrowIfCancellationRequested();
        return null;
    }

    /// <param name="model">The model of the prediction.</param>
    /// <param name="body">The answer that would be given.</param>
    /// <param name="ct">Ends when the caller leaves.</param>
    /// <returns>The answer to give instead, if any.</returns>
    public async Task<IResult?> AfterAsync(string model, byte[] body, CancellationToken ct)
    {
        foreach (var fault in Matching(model))
        {
            if (fault.Kind == FaultKind.CreateSlowAfter && fault.TryUse())
                await fault.HoldAsync(time, ct);
            else if (AnswerAfter(fault, body) is { } answer && fault.TryUse())
                return answer;
        }
        return null;
    }

    public IReadOnlyList<Fault> OfRun(string model)
    {
        List<Fault>? taken = null;
        var decided = false;
        foreach (var fault in faults.Matching(model, FaultKind.RunAborts, FaultKind.RunCounts))
        {
            var decides = fault.Kind < FaultKind.RunHeldStarting;
            if ((decides && decided) || !fault.TryUse())
                continue;
            decided |= decides;
            (taken ??= []).Add(fault);
        }
        return taken ?? (IReadOnlyList<Fault>)[];
    }

    private IEnumerable<Fault> Matching(string? model) => faults.Matching(model, FaultKind.CreateRefused, FaultKind.CreateBadJson);

    private static IResult? AnswerBefore(Fault fault) => fault.Kind switch
    {
        FaultKind.CreateRefused => Refusal(fault.Status ?? 402),
        FaultKind.CreateThrottled => Answers.Throttled(fault.Delay ?? TimeSpan.FromSeconds(1), fault.Form),
        FaultKind.CreateError or FaultKind.CreateHtml when !fault.Accept => Failure(fault),
        FaultKind.CreateResetBefore => new ResetAnswer(),
        _ => null,
    };

    private static IResult? AnswerAfter(Fault fault, byte[] body) => fault.Kind switch
    {
        FaultKind.CreateError or FaultKind.CreateHtml when fault.Accept => Failure(fault),
        FaultKind.CreateResetAfter => new ResetAnswer(),
        FaultKind.CreateBadJson => Answers.Broken(201, body),
        _ => null,
    };

    private static IResult Failure(Fault fault) => fault.Kind == FaultKind.CreateHtml
        ? Answers.Html(fault.Status ?? 502)
        : Answers.Problem(fault.Status ?? 500, null, fault.Text ?? "Internal server error");

    private static IResult Refusal(int status) => status switch
    {
        401 => Answers.Unauthenticated,
        402 => Answers.OutOfCredit,
        403 => Answers.Problem(403, "Forbidden", "You do not have permission to perform this action."),
        404 => Answers.NotFound,
        422 => Answers.InvalidInput([new("enum", "input.scheduler", "scheduler must be one of the following: \"DDIM\", \"K_EULER\"")]),
        _ => Answers.Problem(status, null, "Refused by a fault switch of the sandbox."),
    };
}
