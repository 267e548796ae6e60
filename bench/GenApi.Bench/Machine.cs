using System.Runtime.InteropServices;

namespace GenApi.Bench;

/// <summary>Describes the machine, which readers need to judge a figure.</summary>
internal static class Machine
{
    /// <summary>
    /// The processes that wanted a core in the last minute. If there are more than cores, other programs were busy and influence the
    /// figures.
    /// </summary>
    public static string Load => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    public static string Describe(BenchSettings settings) =>
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}; "
        + $"data on {new DriveInfo(settings.Folder).DriveFormat} ({settings.Folder}); {settings.Rounds} rounds of {settings.Seconds} s; "
        + $"load average before {Load}. "
        + "GenApi: Release, Production, its normal log into a file.";
}
