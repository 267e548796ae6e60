namespace GenApi.Tests.Replicate;

/// <summary>
/// Finds Replicate's published document and recorded traffic, which exist beside some checkouts. Tests pass on the project's own files; if
/// these exist, tests check them as well, and their output says so.
/// </summary>
internal static class SharedFiles
{
    private static readonly string? Folder = Locate();

    /// <summary>The path of a file or folder of <c>../shared/replicate</c>, or null if it is not there.</summary>
    public static string? Find(string name)
    {
        var path = Folder is null ? null : Path.Combine(Folder, name);
        var found = File.Exists(path) || Directory.Exists(path);
        TestContext.Current.TestOutputHelper?.WriteLine(
            found
                ? $"../shared/replicate/{name} is here and was checked as well."
                : $"Only the project's own files were checked: there is no ../shared/replicate/{name}.");
        return found ? path : null;
    }

    private static string? Locate()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "replicate");
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
