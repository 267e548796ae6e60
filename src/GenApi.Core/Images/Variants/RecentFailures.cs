using GenApi.Core.Caching;
using GenApi.Core.Errors;

namespace GenApi.Core.Images.Variants;

/// <summary>
/// Remembers for a minute what could not be converted, so that a page with a damaged image does not decode it for each of its visitors.
/// </summary>
internal sealed class RecentFailures(TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private readonly VersionedCache<(Guid ImageId, VariantRequest Request), Failure> _failures = new(
        capacity: 1_000, replaces: static (_, _) => true);

    /// <exception cref="GenApiException">The same failure, if it is recent.</exception>
    public void ThrowIfKnown(Guid imageId, VariantRequest request)
    {
        if (!_failures.TryGet((imageId, request), out var failure) || time.GetElapsedTime(failure.At) >= Life)
            return;
        throw new GenApiException(failure.Cause.Kind, failure.Cause.Message, failure.Cause.InnerException);
    }

    public void Add(Guid imageId, VariantRequest request, GenApiException cause) =>
        _failures.Put((imageId, request), new Failure(cause, time.GetTimestamp()), _failures.Version);

    private sealed record Failure(GenApiException Cause, long At);
}
