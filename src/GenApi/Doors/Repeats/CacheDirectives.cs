using Microsoft.Net.Http.Headers;

namespace GenApi.Doors.Repeats;

/// <summary>The directives of the header <c>Cache-Control</c> of a request. An unreadable header has no effect (RFC 9111).</summary>
/// <param name="NoCache">True if the caller wants a new run.</param>
/// <param name="OnlyIfCached">True if the caller accepts only a stored answer.</param>
internal readonly record struct CacheDirectives(bool NoCache, bool OnlyIfCached)
{
    /// <summary>Reads the header.</summary>
    public static CacheDirectives Of(HttpRequest request) =>
        request.Headers.CacheControl is { Count: > 0 } header && CacheControlHeaderValue.TryParse(header.ToString(), out var parsed)
            ? new(parsed.NoCache, parsed.OnlyIfCached)
            : default;

    /// <summary>
    /// Adds the directive to the path by which a repeat is recognised, because a request for a new run is another request than one without
    /// it. Every endpoint that follows the header needs this for its fingerprint.
    /// </summary>
    /// <param name="path">The path, and whatever else of the request changes its meaning.</param>
    public string AddTo(string path) => NoCache ? $"{path} no-cache" : path;
}
