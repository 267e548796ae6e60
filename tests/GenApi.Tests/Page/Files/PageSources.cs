namespace GenApi.Tests.Page.Files;

/// <summary>The files of the page as they are in the repository.</summary>
internal static class PageSources
{
    public static string Folder { get; } = Repository.PathOf("src/GenApi/Page/Assets");

    /// <summary>The paths of all files below the folder, with slashes.</summary>
    public static IReadOnlyList<string> Paths { get; } =
    [
        .. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    /// <summary>Our own modules, without packages of others and without words.</summary>
    public static IReadOnlyList<string> Modules { get; } =
    [
        .. Paths.Where(path => path.EndsWith(".js", StringComparison.Ordinal)
            && !path.StartsWith("vendor/", StringComparison.Ordinal) && !path.StartsWith("words/", StringComparison.Ordinal)),
    ];

    /// <summary>The texts of all modules, those of packages too.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = Paths.Where(path => Path.GetExtension(path) is ".js" or ".mjs")
        .ToDictionary(path => path, Text, StringComparer.Ordinal);

    public static byte[] Bytes(string path) => File.ReadAllBytes(Path.Combine(Folder, path));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Folder, path));
}
