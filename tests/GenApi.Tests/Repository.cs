namespace GenApi.Tests;

/// <summary>Finds the sources from the built tests.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GenApi.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("The tests run outside a checkout: no folder above them holds GenApi.sln.");
    }
}
