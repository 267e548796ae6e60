using System.IO.Compression;
using System.Text.Json;
using GenApi.Tests.Accounts;
using GenApi.Tests.Documentation;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Gallery.Selection;

/// <summary>The archive of many images: names, settings, readers, and refusals before the first byte.</summary>
public sealed class ArchiveTests
{
    private const string Python = "import zipfile; z = zipfile.ZipFile('images.zip'); assert z.testzip() is None; z.extractall('.')";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_archive_has_the_bytes_of_every_image_and_what_it_was_made_with()
    {
        await using var app = await GenApiApp.StartAsync();
        var fox = await app.GenerateAsync(
            new { prompt = "Ein Füchslein, 狐", seed = 42, width = 64, height = 64, negative_prompt = "text, \"frame\"", num_outputs = 2 });
        var clip = await app.GenerateAsync(new { prompt = "a lighthouse", model = "sandbox/clip", seed = 1, width = 64, height = 64 });
        var file = clip["files"][0].GetProperty("id").GetString()!;
        string[] ids = [fox.ImageIds()[1], file, fox.ImageIds()[0], clip.ImageIds()[0]];

        var answer = await app.ArchiveAsync(ids);

        Assert.Equal((200, "application/zip"), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal($"{answer.Body.Length}", answer.Header("Content-Length"));
        Assert.Matches("^attachment; filename=\"images-[0-9]{8}-[0-9]{6}\\.zip\"$", answer.Header("Content-Disposition"));
        using var zip = new ZipArchive(new MemoryStream(answer.Body));
        string[] names = ["ein-füchslein-狐-42.png", "a-lighthouse-1.mp4", "ein-füchslein-狐-42-2.png", "a-lighthouse-1.png"];
        Assert.Equal(["settings.json", .. names], zip.Entries.Select(entry => entry.FullName));
        Assert.All(zip.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength));
        foreach (var (id, entry) in ids.Zip(zip.Entries.Skip(1)))
        {
            var route = id.StartsWith("img_", StringComparison.Ordinal) ? "images" : "files";
            Assert.Equal((await app.GetAsync($"/{route}/{id}")).Body, Bytes(entry));
        }

        var rows = JsonElement.Parse(Bytes(zip.Entries[0])).GetProperty("images").EnumerateArray().ToList();
        Assert.Equal(ids, rows.Select(row => row.GetProperty("id").GetString()));
        Assert.Equal(names, rows.Select(row => row.GetProperty("file").GetString()));
        Assert.Equal("Ein Füchslein, 狐", rows[0].GetProperty("prompt").GetString());
        Assert.Equal("text, \"frame\"", rows[0].GetProperty("negative_prompt").GetString());
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("negative_prompt").ValueKind);
        Assert.Equal((fox.Id, 42, 64), (rows[0].GetProperty("generation_id").GetString(), rows[0].GetProperty("seed").GetInt32(),
            rows[0].GetProperty("width").GetInt32()));
        Assert.Equal(fox["model"].GetString(), rows[0].GetProperty("model").GetString());
        Assert.Equal(fox["version"].GetString(), rows[0].GetProperty("version").GetString());
        Assert.Equal(fox["images"][1].GetProperty("sha256").GetString(), rows[0].GetProperty("sha256").GetString());
        Assert.True(JsonElement.DeepEquals(fox["input"], rows[0].GetProperty("input")));
        // Posted again, it is the same request.
        var again = await app.GenerateAsync(new { input = rows[0].GetProperty("input"), model = rows[0].GetProperty("model").GetString() });
        Assert.Equal(("GenApi; hit", fox.Id), (again.Header("Cache-Status"), again.Id));
    }

    [Theory]
    [InlineData("unzip", new[] { "-tq", "images.zip" })]
    [InlineData("7z", new[] { "t", "images.zip" })]
    [InlineData("python3", new[] { "-c", Python })]
    public async Task Others_open_it(string program, string[] arguments)
    {
        var tool = Tool.Require(program);
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1, "Füchslein 狐"));
        var answer = await app.ArchiveAsync([.. made.ImageIds(), .. await app.AddFilesAsync(made.Id, 20, new byte[70_000])]);
        var folder = Directory.CreateDirectory(Path.Combine(app.Folder, "zip")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "images.zip"), answer.Body, Ended);

        await Tool.RunAsync(tool, arguments, folder);

        if (program != "python3")
            return;
        Assert.Equal(
            (await app.GetAsync(made.ImageUrl().AbsolutePath)).Body,
            await File.ReadAllBytesAsync(Path.Combine(folder, "füchslein-狐-1.png"), Ended));
        var settings = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "settings.json"), Ended));
        Assert.Equal(21, settings.GetProperty("images").GetArrayLength());
    }

    [Fact]
    public async Task What_is_missing_is_named_before_the_first_byte()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Logging:LogLevel:Default"] = "None" });
        var (one, two) = (await app.GenerateAsync(Requests.Small(1)), await app.GenerateAsync(Requests.Small(2)));
        string[] ids = [one.ImageIds()[0], two.ImageIds()[0]];
        const string unknown = "img_01knf4sgd2e4y8c25mgcv9w4c1";
        // A file has its own ids.
        var asFile = "fil_" + ids[0][4..];

        BinTests.AssertNames(await app.ArchiveAsync([.. ids, unknown]), 404, "not_found", "$.ids[2]", unknown);
        BinTests.AssertNames(await app.ArchiveAsync([asFile]), 404, "not_found", "$.ids[0]", asFile);
        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(two));
        BinTests.AssertNames(await app.ArchiveAsync(ids), 500, "blob_missing", "$.ids[1]", ids[1]);
        // It counts as lost from then on, as after reading it alone.
        Assert.Equal("1", (await app.GetAsync("/health/ready"))["checks", "store", "facts", "missing_images"].GetString());
        Assert.Equal(200, (await app.ArchiveAsync([ids[0]])).Status);
    }

    [Fact]
    public async Task An_archive_counts_as_a_use_and_takes_five_hundred()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var ids = await app.AddFilesAsync(made.Id, 500, [1, 2, 3], "con");

        var answer = await app.ArchiveAsync(ids);

        using var zip = new ZipArchive(new MemoryStream(answer.Body));
        Assert.Equal(501, zip.Entries.Count);
        Assert.Equal(501, zip.Entries.Select(entry => entry.FullName.ToUpperInvariant()).Distinct().Count());
        // The name of a device on Windows, which no file can have there.
        Assert.Equal(["con-2.bin", "con-3.bin"], zip.Entries.Skip(1).Take(2).Select(entry => entry.FullName));
        Assert.All(zip.Entries.Skip(1), entry => Assert.Equal([1, 2, 3], Bytes(entry)));
        await app.StopAsync();
        Assert.Equal(500, await Damage.ExecuteAsync(app, "SELECT Fetches FROM Generations"));
    }

    [Fact]
    public async Task A_key_archives_what_it_sees_although_it_may_not_generate()
    {
        await using var app = await Keys.StartAsync();
        var admin = Keys.AsAdmin;
        var made = await app.GenerateAsync(Requests.Small(1), admin);
        var reader = Keys.Of((await app.MakeAsync("reader", "read")).Secret);

        Assert.Equal(200, (await app.ArchiveAsync(made.ImageIds(), admin)).Status);
        Assert.Equal(404, (await app.ArchiveAsync(made.ImageIds(), reader)).Status);
        BadInputTests.AssertProblem(await app.BinAsync(made.ImageIds(), reader), 403, "forbidden");
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }
}
