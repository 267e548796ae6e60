using System.Diagnostics;

namespace GenApi.Core.Images.Conversion;

/// <summary>The executable that draws SVG: this service itself, started once more.</summary>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">What comes before the argument that makes it draw.</param>
public sealed record RendererProgram(string FileName, IReadOnlyList<string> Arguments)
{
    private const string Host = "GenApi", Dotnet = "dotnet";

    /// <summary>
    /// The variables that the runtime and its libraries need. Nothing else is inherited: the process has no use for the service's secrets.
    /// </summary>
    private static readonly string[] Inherited =
    [
        "PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LANG", "SystemRoot", "WINDIR", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64",
        "DOTNET_BUNDLE_EXTRACT_BASE_DIR", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
    ];

    /// <summary>Finds the host, however this process was started: by <c>dotnet</c>, as itself or as a test.</summary>
    public static RendererProgram Find()
    {
        var current = Environment.ProcessPath;
        if (current is not null && IsNamed(current, Host))
            return new RendererProgram(current, []);
        var library = Path.Combine(AppContext.BaseDirectory, $"{Host}.dll");
        return new RendererProgram(current is not null && IsNamed(current, Dotnet) ? current : Dotnet, [library]);
    }

    /// <summary>Not without its extension: GenApi.Tests is no GenApi.</summary>
    private static bool IsNamed(string path, string program) => Path.GetFileName(path) is var name
        && (name == program || name.Equals($"{program}.exe", StringComparison.OrdinalIgnoreCase));

    internal ProcessStartInfo Start()
    {
        var start = new ProcessStartInfo(FileName, [.. Arguments, DrawingRenderer.Argument])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (var name in start.Environment.Keys.Except(Inherited, StringComparer.OrdinalIgnoreCase).ToArray())
            start.Environment.Remove(name);
        // It lives for a moment: no sockets for debuggers, no heap beyond the pixels.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        return start;
    }
}
