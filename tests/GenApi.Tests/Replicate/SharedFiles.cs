using System.Text.Json;

namespace GenApi.Tests.Replicate;

/// <summary>Recorded traffic and the published OpenAPI document, which are outside the repository.</summary>
internal static class SharedFiles
{
    private static readonly Lazy<string?> Folder = new(() =>
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "replicate");
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    });

    public static string Require(string name)
    {
        var path = Folder.Value is { } folder ? Path.Combine(folder, name) : null;
        if (path is null || (!File.Exists(path) && !Directory.Exists(path)))
            Assert.Skip($"shared/replicate/{name} is not beside the repository.");
        return path;
    }

    public static IEnumerable<Recording> Recordings() =>
        Directory.EnumerateFiles(Require("recordings"), "*.json").Order().SelectMany(
            file => JsonSerializer.Deserialize<JsonElement[]>(File.ReadAllText(file))!.Select((entry, index) => new Recording(
                $"{Path.GetFileName(file)}[{index}]",
                entry.GetProperty("request").GetProperty("method").GetString()!,
                new Uri(entry.GetProperty("request").GetProperty("uri").GetString()!),
                entry.GetProperty("response").GetProperty("status").GetInt32(),
                entry.GetProperty("response").GetProperty("headers").EnumerateObject()
                    .ToDictionary(member => member.Name, member => member.Value.GetString()!),
                entry.GetProperty("response").GetProperty("body").GetString()!)));
}

internal sealed record Recording(string Name, string Method, Uri Uri, int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public Task<ScriptedServer> ReplayAsync() =>
        ScriptedServer.StartAsync(
            Status, Body, Headers["content-type"], [.. Headers.Where(
                h => h.Key.StartsWith("ratelimit", StringComparison.Ordinal)).Select(h => (h.Key, h.Value))]);
}
