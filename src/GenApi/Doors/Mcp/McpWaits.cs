using System.Globalization;
using GenApi.Accounts;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;

namespace GenApi.Doors.Mcp;

/// <summary>
/// Waits for generations in steps and reports progress after each. No wait takes 60 seconds, because clients give up then.
/// </summary>
internal sealed class McpWaits(GenerationService service, TimeProvider time)
{
    /// <summary>The longest wait, and the default.</summary>
    public const int MostSeconds = 50;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    // A timer may be that much early.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for a generation that the call has asked for. The wait also ends when the image can't be stored.</summary>
    public Task<GenerationDetails> ForOwnAsync(Guid id, McpCall call, CancellationToken cancellationToken) =>
        ForAsync(call, TimeSpan.FromSeconds(MostSeconds), (step, ended) => service.WaitForAnswerAsync(id, call.Caller, step, ended),
            cancellationToken);

    /// <summary>Waits for a generation by an id, which may be that of another account.</summary>
    public Task<GenerationDetails> ForAnyAsync(Guid id, McpCall call, TimeSpan atMost, CancellationToken cancellationToken) =>
        ForAsync(call, atMost, (step, ended) => service.WaitAsync(id, call.Caller, step, ended), cancellationToken);

    /// <summary>Returns the generation when the wait is over, after <paramref name="atMost"/>, or when the service stops.</summary>
    private async Task<GenerationDetails> ForAsync(
        McpCall call, TimeSpan atMost, Func<TimeSpan, CancellationToken, Task<GenerationDetails>> wait, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var waited = time.GetElapsedTime(began);
            // At whole steps from the beginning, so that reports don't drift by the time that they take.
            var next = Step * (Math.Floor((waited + Tolerance) / Step) + 1);
            var step = (next < atMost ? next : atMost) - waited;
            var details = await call.Context.WhileAdmittedAsync(async ended =>
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(ended, cancellationToken);
                return await wait(step, both.Token);
            });
            var now = time.GetElapsedTime(began);
            // A wait that ends early is settled, or the service has no room for it or stops.
            if (details.Generation.Status.IsTerminal() || now - waited < step - Tolerance || now >= atMost - Tolerance)
                return details;
            await call.ReportAsync(Math.Round(now.TotalSeconds, 1), Message(details.Generation), cancellationToken);
        }
    }

    private static string Message(Generation generation) => generation is { ProgressCurrent: { } current, ProgressTotal: > 0 and var total }
        ? string.Create(CultureInfo.InvariantCulture, $"{generation.Status.Word()}: {100.0 * current / total:0} %")
        : generation.Status.Word();
}
