using GenApi.Core.Persistence;
using GenApi.Hosting.Verbs;

namespace GenApi.Hosting.Start;

/// <summary>Shows on stderr what a start is still doing to a large store before it serves, until it serves or is refused.</summary>
internal static class StartProgress
{
    /// <returns>To be disposed of when the service serves; the container takes the line away where the start is refused.</returns>
    public static ProgressLine AddStartProgress(this WebApplicationBuilder builder)
    {
        // Made at once, so that the time it tells is that of the start.
        var line = ProgressLine.OnStandardError(TimeProvider.System);
        builder.Services.AddSingleton(_ => line);
        builder.Services.AddSingleton<IProgress<WorkStep>>(provider => provider.GetRequiredService<ProgressLine>());
        return line;
    }
}
