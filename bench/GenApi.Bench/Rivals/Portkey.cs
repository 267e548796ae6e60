using System.Globalization;

namespace GenApi.Bench.Rivals;

/// <summary>npm's Portkey gateway, which passes requests for images on to any server that speaks OpenAI's API.</summary>
internal static class Portkey
{
    public const string Version = "1.15.2";

    /// <summary>Installs it from the registry that npm is configured for.</summary>
    /// <exception cref="BenchException">Node or npm is missing, or the package can't be had.</exception>
    public static async Task InstallAsync(string folder, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"private":true}""", cancellationToken);
        await Output.OfAsync(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", $"@portkey-ai/gateway@{Version}"], folder, cancellationToken);
    }

    public static string[] Command(string folder, int port) =>
    [
        "node",
        Path.Combine(folder, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js"),
        string.Create(CultureInfo.InvariantCulture, $"--port={port}"),
        "--headless",
    ];

    /// <summary>The headers that name the upstream.</summary>
    public static Dictionary<string, string> Headers(Uri upstream) => new()
    {
        ["x-portkey-provider"] = "openai",
        ["x-portkey-custom-host"] = new Uri(upstream, "v1").AbsoluteUri,
        ["Authorization"] = $"Bearer {Lab.Token}",
    };
}
