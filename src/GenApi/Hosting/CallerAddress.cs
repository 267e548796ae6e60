namespace GenApi.Hosting;

/// <summary>
/// The address by which a caller reached the service: scheme, host and prefix, without a slash at its end. Links in answers begin with it.
/// </summary>
internal static class CallerAddress
{
    public static string Of(HttpRequest request) => $"{request.Scheme}://{request.Host.Value}{request.PathBase.Value}";
}
