using GenApi.Hosting;
using OpenTelemetry.Resources;

namespace GenApi.Diagnostics;

/// <summary>What traces and metrics say they come from.</summary>
internal static class TelemetryResource
{
    public static void Add(ResourceBuilder resource) => resource.AddService("genapi", serviceVersion: ProgramVersion.Text);
}
