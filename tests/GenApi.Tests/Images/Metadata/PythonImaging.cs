using GenApi.Tests.Documentation;

namespace GenApi.Tests.Images.Metadata;

/// <summary>
/// Python with Pillow and piexif. Several Pythons may be installed and Debian's packages belong to Debian's, so the first that has both is
/// used. If none has, the test is skipped; .ci/run installs them.
/// </summary>
internal static class PythonImaging
{
    private const string Debian = "/usr/bin/python3";

    private static readonly Lazy<Task<string?>> Found = new(FindAsync);

    /// <summary>Runs a script to its end, which must be success.</summary>
    /// <returns>The text on stdout.</returns>
    public static async Task<string> RunAsync(string script, string folder)
    {
        var python = await Found.Value;
        Assert.SkipWhen(python is null, "No Python on this machine has Pillow and piexif; .ci/run installs them.");
        return await Tool.RunAsync(python!, ["-c", script], folder);
    }

    private static async Task<string?> FindAsync()
    {
        var folder = Path.GetTempPath();
        foreach (var python in (string[])[Tool.Require("python3"), Debian])
        {
            if (File.Exists(python) && (await Tool.RunToEndAsync(python, ["-c", "import PIL, piexif"], folder)).ExitCode == 0)
                return python;
        }
        return null;
    }
}
