using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Generations;

namespace GenApi.Doors.OpenAi;

/// <summary>
/// Answers a call of the Images API in the way that it asks for: when the images are there, at once with the id of a batch, or with events.
/// </summary>
internal sealed class ImagesRoute(DoorRuns runs, ImagesAnswers answers, ImagesStream stream, ImagesBatches batches)
{
    /// <exception cref="GenApiException">As from <see cref="DoorRuns.RunAsync"/>, in the names by which members were sent.</exception>
    public async Task AnswerAsync(HttpContext context, ImagesCall call, IReadOnlyList<GenerationRequest> requests)
    {
        try
        {
            call.Input.WriteIgnored(context.Response);
            if (call.Streams)
                await stream.AnswerAsync(context, call, requests);
            else if (PreferHeader.Parse(context.Request.Headers[PreferHeader.Name]).RespondAsync)
                await batches.AcceptAsync(context, call, await runs.SubmitAsync(context, requests));
            else
                await answers.WriteAsync(context, await runs.RunAsync(context, requests), call.Shape);
        }
        catch (GenApiException failure) when (failure.Errors.Count > 0)
        {
            throw call.Input.InSentNames(failure);
        }
    }
}
