using GenApi.Core.Errors;
using GenApi.Core.Generations;

namespace GenApi.Generations;

/// <summary>The failure that a caller gets for a generation that ended without success.</summary>
internal static class GenerationFailure
{
    /// <returns>Null for a generation that has succeeded or not ended.</returns>
    public static GenApiException? Of(Generation generation) => generation.Status switch
    {
        GenerationStatus.Failed => new GenApiException(
            ErrorCodes.Find(generation.ErrorCode ?? "") ?? ErrorKind.UpstreamFailed, generation.ErrorMessage ?? "The generation failed.")
        {
            GenerationId = generation.Id,
            Errors = GenerationRendering.Members(generation) ?? new Dictionary<string, string[]>(),
        },
        GenerationStatus.Canceled => new GenApiException(
            ErrorKind.Conflict, "The generation was canceled before it had an image.")
        {
            GenerationId = generation.Id,
        },
        _ => null,
    };
}
