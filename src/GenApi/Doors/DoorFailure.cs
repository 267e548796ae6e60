using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Generations;

namespace GenApi.Doors;

/// <summary>
/// Turns the end of a generation into the failure that a door's caller gets. All of these name the generation, so each door answers with a
/// status that no client repeats.
/// </summary>
internal static class DoorFailure
{
    /// <summary>Explains a generation that ended without success, or that succeeded without an image.</summary>
    /// <returns>Null: it has images, or it has not ended.</returns>
    public static GenApiException? Of(GenerationDetails details) =>
        GenerationFailure.Of(details.Generation)
            ?? (details.Generation.Status == GenerationStatus.Succeeded && !details.Images.Any() ? NoImage(details) : null);

    /// <summary>Repeats a failure as one about a generation.</summary>
    public static GenApiException About(GenApiException failure, Guid generationId) => new(
        failure.Kind, failure.Message, failure.InnerException)
    {
        Errors = failure.Errors,
        RetryAfter = failure.RetryAfter,
        Budget = failure.Budget,
        IsTransient = failure.IsTransient,
        MayHaveHappened = failure.MayHaveHappened,
        GenerationId = generationId,
    };

    private static GenApiException NoImage(GenerationDetails details)
    {
        var generation = details.Generation;
        var made = details.HasBinned ? "its images are in the bin"
            : details.Files.Select(file => file.ContentType).Distinct().ToList() is { Count: > 0 } types
                ? $"it made {string.Join(", ", types)}"
                : "it made no file";
        return new(
            ErrorKind.UpstreamNoOutput,
            $"{generation.Model} returned no image: {made}. This route answers with images only. GET /generations/{generation.PublicId} "
            + "shows what it returned; name a model that makes images.")
        {
            GenerationId = generation.Id,
        };
    }
}
