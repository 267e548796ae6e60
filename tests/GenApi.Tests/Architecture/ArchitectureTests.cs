using System.Text.RegularExpressions;

namespace GenApi.Tests;

/// <summary>Holds docs/architecture.md against the code.</summary>
public sealed partial class ArchitectureTests
{
    private const int LongestFile = 300;

    [Fact]
    public void Rooms_of_the_core_use_only_what_the_page_allows() => CheckRooms("src/GenApi.Core", "## Rooms of the core", "GenApi.Core.", "");

    [Fact]
    public void Rooms_of_the_host_use_only_what_the_page_allows() => CheckRooms("src/GenApi", "## Rooms of the host", "GenApi.", "Core.");

    [Fact]
    public void The_page_allows_the_core_no_circle()
    {
        var above = new HashSet<string>();
        foreach (var (room, allowed) in Table("## Rooms of the core"))
        {
            Assert.All(allowed, used => Assert.Contains(used, above));
            above.Add(room);
        }
    }

    [Fact]
    public void The_core_knows_no_HTTP_server_and_sandbox_and_client_know_nothing_of_ours()
    {
        Assert.DoesNotContain(Sources("src/GenApi.Core"), file => File.ReadAllText(file).Contains("using Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.DoesNotContain("ProjectReference", File.ReadAllText(Repository.PathOf("src/GenApi.Sandbox/GenApi.Sandbox.csproj")), StringComparison.Ordinal);
        // Nor any package: each would come along into other people's programs.
        var client = File.ReadAllText(Repository.PathOf("src/GenApi.Client/GenApi.Client.csproj"));
        Assert.DoesNotContain("Reference ", client, StringComparison.Ordinal);
        Assert.DoesNotContain("GenApi.Sandbox", File.ReadAllText(Repository.PathOf("src/GenApi.Core/GenApi.Core.csproj")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_touches_no_database() =>
        Assert.DoesNotContain(Sources("src/GenApi"), file => File.ReadAllText(file) is var text
            && (text.Contains("DbContext", StringComparison.Ordinal) || text.Contains("using Microsoft.EntityFrameworkCore", StringComparison.Ordinal)));

    [Fact]
    public void No_file_scares_and_its_using_lines_are_its_dependencies()
    {
        foreach (var file in new[] { "src", "tests", "bench" }.SelectMany(Sources))
        {
            var lines = File.ReadAllLines(file);
            Assert.True(lines.Length <= LongestFile, $"{file} has {lines.Length} lines; {LongestFile} is the limit.");
            Assert.DoesNotContain(lines, line => line.StartsWith("global using GenApi", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Nothing_is_a_stub_and_no_folder_is_for_strangers()
    {
        var strangers = new[] { "Common", "Shared", "Utils", "Utilities", "Helpers", "Managers", "Base" };
        foreach (var file in Sources("src"))
        {
            var text = File.ReadAllText(file);
            Assert.DoesNotContain("NotImplementedException", text, StringComparison.Ordinal);
            Assert.DoesNotContain("TODO", text, StringComparison.Ordinal);
            Assert.DoesNotContain(file.Split(Path.DirectorySeparatorChar), strangers.Contains);
        }
    }

    [Fact]
    public void Each_namespace_is_its_folder()
    {
        foreach (var project in new[] { "GenApi", "GenApi.Client", "GenApi.Core", "GenApi.Sandbox" })
        {
            var root = Repository.PathOf($"src/{project}");
            foreach (var file in Sources($"src/{project}"))
            {
                var folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
                var expected = folder == "." ? project : $"{project}.{folder}";
                if (Namespace().Match(File.ReadAllText(file)) is { Success: true } found)
                    Assert.Equal(expected, found.Groups[1].Value);
            }
        }
    }

    private static void CheckRooms(string project, string heading, string prefix, string core)
    {
        var table = Table(heading);
        var rooms = Directory.EnumerateDirectories(Repository.PathOf(project))
            .Where(folder => Sources(folder).Any()).Select(folder => Path.GetFileName(folder)).Order().ToList();
        Assert.Equal(rooms, table.Select(row => row.Room).Order());
        foreach (var (room, allowed) in table)
        {
            foreach (var file in Sources(Path.Combine(project, room)))
            {
                var used = Using().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)
                    .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && !name.StartsWith("GenApi.Sandbox", StringComparison.Ordinal))
                    .Select(name => name[prefix.Length..])
                    .Select(name => string.Join('.', name.Split('.').Take(name.StartsWith("Core.", StringComparison.Ordinal) ? 2 : 1)))
                    .Where(name => name != room && name != $"{core}Errors");
                Assert.All(used, name => Assert.True(allowed.Contains(name), $"{file} uses {name}, which {room} may not."));
            }
        }
    }

    private static List<(string Room, string[] Allowed)> Table(string heading)
    {
        var page = File.ReadAllText(Repository.PathOf("docs/architecture.md"));
        var section = page[page.IndexOf(heading, StringComparison.Ordinal)..];
        var rows = section.Split('\n').SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.NotEmpty(rows);
        return [.. rows.Select(cells => (cells[1], cells[2] == "nothing" ? [] : cells[2].Split(", ")))];
    }

    private static IEnumerable<string> Sources(string folder) => Repository.PathOf(folder) is var path && Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/Migrations/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
        : [];

    [GeneratedRegex(@"^using (?:static )?(GenApi\.[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
