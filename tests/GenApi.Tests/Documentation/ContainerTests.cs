using System.Xml.Linq;

namespace GenApi.Tests.Documentation;

/// <summary>Checks the container's files without an engine: a build would end at the first file it does not find.</summary>
public sealed class ContainerTests
{
    private const string Host = "src/GenApi/GenApi.csproj";

    [Fact]
    public void Every_file_that_the_Dockerfile_copies_is_there_and_let_through()
    {
        var allowed = Lines(".dockerignore").Where(line => line.StartsWith('!'))
            .Select(line => line[1..].Replace("/**", "", StringComparison.Ordinal)).ToList();

        Assert.All(Copied(), source =>
        {
            Assert.True(Path.Exists(Repository.PathOf(source)), $"The Dockerfile copies {source}, which is not there.");
            Assert.True(allowed.Any(each => source == each || source.StartsWith(each + "/", StringComparison.Ordinal)),
                $".dockerignore keeps {source} out: add !{source}.");
        });
    }

    [Fact]
    public void Every_project_that_the_service_needs_is_restored_before_the_sources_are_copied()
    {
        var copied = Copied();
        foreach (var project in Projects(Host).Distinct())
        {
            Assert.True(copied.Contains(project), $"The Dockerfile does not copy {project} before it restores.");
            Assert.True(copied.Contains(Path.GetDirectoryName(project) + "/packages.lock.json"),
                $"The Dockerfile does not copy the lock file of {project}.");
        }
    }

    [Fact]
    public void Compose_starts_a_container_without_rights_that_lets_nobody_in_without_a_key()
    {
        var lines = Lines("docker-compose.yml").Select(line => line.Trim()).Where(line => !line.StartsWith('#')).ToList();

        Assert.All(["read_only: true", "- no-new-privileges:true", "- \"127.0.0.1:8080:8080\""], line => Assert.Contains(line, lines));
        Assert.Equal("- ALL", lines[lines.IndexOf("cap_drop:") + 1]);
        Assert.DoesNotContain(lines, line => line.Contains("AllowAnonymous", StringComparison.Ordinal));
    }

    private static List<string> Copied() =>
        [.. Lines("Dockerfile")
            .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]).Select(source => source.TrimEnd('/'))];

    private static IEnumerable<string> Projects(string project) => XDocument.Load(Repository.PathOf(project))
        .Descendants("ProjectReference")
        .Select(reference => Path.Combine(Path.GetDirectoryName(Repository.PathOf(project))!, reference.Attribute("Include")!.Value))
        .Select(path => Path.GetRelativePath(Repository.Root, Path.GetFullPath(path)))
        .SelectMany(Projects).Prepend(project);

    private static string[] Lines(string file) =>
        File.ReadAllText(Repository.PathOf(file)).ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
