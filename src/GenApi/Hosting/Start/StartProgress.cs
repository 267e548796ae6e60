using GenApi.Core.Persistence;
using GenApi.Hosting.Verbs;

namespace GenApi.Hosting.Start;

/// <summary>
/// Shows the progress of a start on stderr, for example while a large store is upgraded, until the service serves or the start is refused.
/// </summary>
internal static class StartProgress
{
    /// <returns>The line. Dispose of it when the service serves; the container disposes of it if the start is refused.</returns>
    public static ProgressLine AddStartProgress(this WebApplicationBuilder builder)
    {
        // Created at once, so that it shows the time since the start.
        var line = ProgressLine.OnStandardError(TimeProvider.System);
        builder.Services.AddSingleton(_ => line);
        builder.Services.AddSingleton<IProgress<WorkStep>>(provider => provider.GetRequiredService<ProgressLine>());
        return line;
    }
}
