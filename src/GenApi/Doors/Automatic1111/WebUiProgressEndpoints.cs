using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;
using GenApi.Hosting;

namespace GenApi.Doors.Automatic1111;

/// <summary>
/// Answers <c>progress</c> and <c>interrupt</c>, which know no id: they are about the runs of the caller's key that came through this
/// door. Other keys have other runs.
/// </summary>
internal sealed class WebUiProgressEndpoints(WebUiJobs jobs, GenerationService service, TimeProvider time)
{
    public async Task ProgressAsync(HttpContext context)
    {
        var caller = context.Caller();
        var running = jobs.Of(caller.AccountId, withLeft: false);
        var shares = new List<double>();
        var (step, steps) = (0, 0);
        foreach (var id in running.SelectMany(job => job.Generations))
        {
            if (await FindAsync(id, context) is not { } generation)
                continue;
            var share = ShareOf(generation);
            shares.Add(share);
            if (generation.ProgressTotal is { } total && share < 1)
                (step, steps) = (generation.ProgressCurrent ?? 0, total);
        }
        context.Response.Headers.CacheControl = "no-store";
        await WriteAsync(context, shares.Count == 0 ? Idle : Progress(shares, step, steps, time.GetElapsedTime(running[0].BeganAt)));
    }

    public async Task InterruptAsync(HttpContext context)
    {
        var caller = context.Caller();
        foreach (var job in jobs.Of(caller.AccountId, withLeft: true))
        {
            foreach (var id in job.Generations)
                await CancelAsync(id, context);
            // Its own request ends by itself if the caller is still there.
            if (job.LeftAt is not null)
                jobs.End(caller.AccountId, job);
        }
        await WebUiLists.DoneAsync(context);
    }

    private static WebUiProgress Idle { get; } = new(0, 0, new(false, false, false, "", 0, "0", 0, 0, 0), null, null);

    private static WebUiProgress Progress(List<double> shares, int step, int steps, TimeSpan elapsed)
    {
        // Clients take 0 for idle.
        var progress = Math.Clamp(shares.Average(), 0.01, 1);
        var done = shares.Count(share => share >= 1);
        var state = new WebUiState(false, false, false, "txt2img", shares.Count, "0", done, step, steps);
        return new(Math.Round(progress, 4), Math.Round(elapsed.TotalSeconds / progress - elapsed.TotalSeconds, 1), state, null, null);
    }

    private static double ShareOf(Generation generation) => generation switch
    {
        { Status: GenerationStatus.Storing } => 1,
        { Status: var status } when status.IsTerminal() => 1,
        { ProgressCurrent: { } current, ProgressTotal: { } total and > 0 } => Math.Clamp((double)current / total, 0, 1),
        _ => 0,
    };

    private async Task<Generation?> FindAsync(Guid id, HttpContext context)
    {
        try
        {
            return (await service.GetAsync(id, context.Caller(), context.RequestAborted)).Generation;
        }
        catch (GenApiException gone) when (gone.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }

    private async Task CancelAsync(Guid id, HttpContext context)
    {
        try
        {
            await service.CancelAsync(id, context.Caller(), context.Origin(), context.RequestAborted);
        }
        catch (GenApiException settled) when (settled.Kind is ErrorKind.NotFound or ErrorKind.Conflict)
        {
            // It is gone, or its images are being stored: there is nothing left to stop.
        }
    }

    private static Task WriteAsync(HttpContext context, WebUiProgress progress) => JsonAnswer.WriteAsync(
        context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(progress, WebUiJsonContext.Answers.WebUiProgress));
}
