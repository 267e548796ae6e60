using System.Runtime.InteropServices;

namespace GenApi.Bench;

/// <summary>What a reader has to know of the machine before believing a figure.</summary>
internal static class Machine
{
    /// <summary>Processes that wanted a core in the last minute. Above the number of cores somebody else was busy, and the figures are theirs too.</summary>
    public static string Load => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    public static string Describe(BenchSettings settings) =>
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}; "
        + $"data on {new DriveInfo(settings.Folder).DriveFormat} ({settings.Folder}); {settings.Rounds} rounds of {settings.Seconds} s; load average before {Load}. "
        + "GenApi: Release, Production, its normal log into a file.";
}
