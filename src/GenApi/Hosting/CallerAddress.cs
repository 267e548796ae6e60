using System.Net;

namespace GenApi.Hosting;

/// <summary>
/// The address by which a caller reached the service: scheme, host and prefix, without a slash at its end. Links in answers begin with it.
/// </summary>
internal static class CallerAddress
{
    public static string Of(HttpRequest request) =>
        request.Host.HasValue ? With(request, request.Host.Value) : With(request, LocalHost(request.HttpContext.Connection));

    /// <summary>Returns <see cref="Of(HttpRequest)"/> as an address, even where a client sends a host that can't be one.</summary>
    public static Uri UriOf(HttpRequest request) => Uri.TryCreate(Of(request), UriKind.Absolute, out var address)
        ? address
        : new(With(request, LocalHost(request.HttpContext.Connection)));

    private static string With(HttpRequest request, string? host) => $"{request.Scheme}://{host}{request.PathBase.Value}";

    /// <summary>The host of a request that names none, which HTTP allows: the address that its connection came to.</summary>
    private static string LocalHost(ConnectionInfo connection) =>
        new IPEndPoint(connection.LocalIpAddress ?? IPAddress.Loopback, connection.LocalPort).ToString();
}
