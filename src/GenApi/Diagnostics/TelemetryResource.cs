using GenApi.Hosting;
using OpenTelemetry.Resources;

namespace GenApi.Diagnostics;

/// <summary>The resource that traces and metrics name as their origin.</summary>
internal static class TelemetryResource
{
    public static void Add(ResourceBuilder resource) => resource.AddService("genapi", serviceVersion: ProgramVersion.Text);
}
