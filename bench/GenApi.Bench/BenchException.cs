using Microsoft.Playwright;

namespace GenApi.Bench;

/// <summary>A part can't be measured: the figure would not be what the table says.</summary>
internal sealed class BenchException(string message) : Exception(message)
{
    /// <summary>Says whether other parts can be measured after a failure: what a server, a browser or the network did not do.</summary>
    public static bool IsOfOnePart(Exception failure) =>
        failure is BenchException or PlaywrightException or TimeoutException or HttpRequestException or IOException;
}
