namespace GenApi.Tests.Documentation;

public sealed class LinkTests
{
    [Fact]
    public void Every_link_to_a_file_or_a_heading_of_the_repository_leads_somewhere()
    {
        var pages = MarkdownPage.All().ToDictionary(page => page.Name);
        var broken = new List<string>();
        foreach (var page in pages.Values)
        {
            foreach (var link in page.Links.Where(link => !link.Contains("://", StringComparison.Ordinal)))
            {
                var (path, anchor) = link.Split('#', 2) is [var before, var after] ? (before, after) : (link, null);
                var target = path.Length == 0 ? page.Name : Normalise(page.Name, path);
                if (!Path.Exists(Repository.PathOf(target)))
                    broken.Add($"{page.Name}: {link} (there is no {target})");
                else if (anchor is not null && (!pages.TryGetValue(target, out var other) || !other.Anchors.Contains(anchor)))
                    broken.Add($"{page.Name}: {link} (there is no such heading)");
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
        Assert.Contains("README.md", pages.Keys);
    }

    private static string Normalise(string page, string path) =>
        Path.GetRelativePath(
            Repository.Root, Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.PathOf(page))!, path))).Replace('\\', '/');
}
