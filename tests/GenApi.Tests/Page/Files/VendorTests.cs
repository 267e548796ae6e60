using System.Security.Cryptography;
using System.Text.Json;
using GenApi.Tests.Documentation;

namespace GenApi.Tests.Page.Files;

/// <summary>Tests that the parts of others in the page are theirs, byte for byte.</summary>
public sealed class VendorTests : IDisposable
{
    private static readonly string[] OurOwn = ["README.md", "LICENSES.txt"];

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-vendor-").FullName;

    private static IReadOnlyList<Row> Rows { get; } =
    [
        .. PageSources.Text("vendor/README.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries).Select(cell => cell.Trim('`')).ToArray())
            .Select(cells => new Row(cells[1], cells[2], cells[3], cells[4], cells[5], cells[6])),
    ];

    [Fact]
    public void The_table_lists_every_file_with_its_hash()
    {
        var files = PageSources.Paths.Where(path => path.StartsWith("vendor/", StringComparison.Ordinal))
            .Select(path => path["vendor/".Length..]).Except(OurOwn);

        Assert.Equal(files.Order(StringComparer.Ordinal), Rows.Select(row => row.File).Order(StringComparer.Ordinal));
        foreach (var row in Rows)
        {
            var hash = SHA256.HashData(PageSources.Bytes($"vendor/{row.File}"));
            Assert.Equal((row.File, row.Hash), (row.File, Convert.ToHexStringLower(hash)));
        }
    }

    /// <summary>npm checks the packages against the hashes of our lock file.</summary>
    [Fact]
    public async Task Every_file_is_the_one_of_the_package_and_its_licence_is_named()
    {
        await NodeTools.LinkAsync(_folder);
        var licences = PageSources.Text("vendor/LICENSES.txt");
        foreach (var row in Rows)
        {
            var package = Path.Combine(_folder, "node_modules", row.Package);
            var described = JsonElement.Parse(await File.ReadAllTextAsync(
                Path.Combine(package, "package.json"), TestContext.Current.CancellationToken));

            Assert.Equal((row.Package, row.Version), (row.Package, described.GetProperty("version").GetString()));
            // thumbhash names its licence nowhere but in its file.
            if (described.TryGetProperty("license", out var licence))
                Assert.Equal((row.Package, row.Licence), (row.Package, licence.GetString()));
            var theirs = await File.ReadAllBytesAsync(Path.Combine(package, row.Path), TestContext.Current.CancellationToken);
            Assert.True(
                theirs.AsSpan().SequenceEqual(PageSources.Bytes($"vendor/{row.File}")), $"{row.File} is not {row.Package}/{row.Path}.");
            var heading = $"## {row.Package.TrimStart('@').Replace('/', '-')}-{row.Version}\n";
            Assert.Contains(heading, licences, StringComparison.Ordinal);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed record Row(string File, string Package, string Version, string Path, string Licence, string Hash);
}
