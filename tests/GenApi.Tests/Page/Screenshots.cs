using Microsoft.Playwright;
using NetVips;

namespace GenApi.Tests.Page;

/// <summary>
/// The pictures of the README and the documentation. The environment variable names the folder to write, from the repository's root;
/// without it, none is made.
/// </summary>
internal static class Screenshots
{
    private const string Variable = "GENAPI_SCREENSHOTS";
    private const int MostBytes = 150_000;

    private static readonly string? Folder =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Repository.PathOf(folder) : null;

    /// <param name="page">The tab, as it stands.</param>
    /// <param name="name">The path of the picture below the folder, without an extension.</param>
    public static async Task KeepAsync(IPage page, string name)
    {
        if (Folder is null)
            return;
        var file = Path.Combine(Folder, $"{name}.webp");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var image = Image.NewFromBuffer(await page.ScreenshotAsync());
        var bytes = image.WebpsaveBuffer(q: 82, effort: 6);
        Assert.True(bytes.Length <= MostBytes, $"{file} has {bytes.Length} bytes, more than {MostBytes}.");
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
    }
}
