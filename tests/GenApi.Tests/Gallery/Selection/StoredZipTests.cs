using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;
using GenApi.Core.Images;
using GenApi.Gallery.Selection;
using GenApi.Tests.Documentation;

namespace GenApi.Tests.Gallery.Selection;

/// <summary>The structure of archives beyond 4 GiB, and the names in them.</summary>
public sealed class StoredZipTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 29, 21, 53, 26, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-zip-").FullName;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData((1L << 32) - 2)]
    [InlineData((1L << 32) - 1)]
    [InlineData(5L << 30)]
    public async Task A_file_beyond_four_gigabytes_and_one_behind_it_are_found(long length)
    {
        var path = Path.Combine(_folder, "large.zip");
        var small = "a red fox"u8.ToArray();
        var zip = new StoredZip();
        var (first, second) = (zip.Add("large.bin", length, At), zip.Add("small.txt", small.Length, At));
        second.Crc32 = Crc32.HashToUInt32(small);
        await using (var file = File.Create(path))
        {
            file.Write(Written(to => StoredZip.WriteHeader(to, first)));
            // A hole, which takes no room on the disk.
            file.Seek(length, SeekOrigin.Current);
            file.Write(Written(to => StoredZip.WriteHeader(to, second)));
            file.Write(small);
            file.Write(Written(zip.WriteDirectory));
        }

        Assert.Equal(zip.Length, new FileInfo(path).Length);
        using (var read = ZipFile.OpenRead(path))
        {
            Assert.Equal(
                [("large.bin", length), ("small.txt", small.Length)], read.Entries.Select(entry => (entry.FullName, entry.Length)));
            using var content = new StreamReader(read.Entries[1].Open());
            Assert.Equal("a red fox", await content.ReadToEndAsync(Ended));
        }
        // unzip 6.0 takes the length of exactly this many bytes for the mark of ZIP64, and reads the place of the next file there.
        if (length != uint.MaxValue)
            Assert.Equal("a red fox", await Tool.RunAsync(Tool.Require("unzip"), ["-p", path, "small.txt"], _folder));
        Assert.Equal("a red fox", await Tool.RunAsync(Tool.Require("7z"), ["x", "-so", path, "small.txt"], _folder));
        const string python =
            "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.read('small.txt'), z.getinfo('large.bin').file_size)";
        Assert.Equal($"b'a red fox' {length}\n", await Tool.RunAsync(Tool.Require("python3"), ["-c", python, path], _folder));
    }

    [Fact]
    public void More_files_than_sixteen_bits_count_are_all_there()
    {
        using var bytes = new MemoryStream();
        var zip = new StoredZip();
        foreach (var number in Enumerable.Range(0, 66_000))
        {
            var entry = zip.Add($"{number}", 0, At);
            bytes.Write(Written(to => StoredZip.WriteHeader(to, entry)));
        }
        bytes.Write(Written(zip.WriteDirectory));

        Assert.Equal(zip.Length, bytes.Length);
        using var read = new ZipArchive(bytes);
        Assert.Equal(66_000, read.Entries.Count);
    }

    [Theory]
    [InlineData("a-red-fox-1", "image/png", "a-red-fox-1.png")]
    [InlineData("../../etc/passwd", "image/png", "etc-passwd.png")]
    [InlineData("..\\..\\autoexec", "image/jpeg", "autoexec.jpg")]
    [InlineData("/abs\0lute:\n\u202eexe", "image/webp", "abs-lute---exe.webp")]
    [InlineData("..", "image/png", "image.png")]
    [InlineData("settings", "image/png", "settings.png")]
    [InlineData("COM1", "image/png", "COM1-2.png")]
    [InlineData("a fox", "image/unheard-of", "a-fox")]
    public void A_name_has_no_path_and_is_allowed_everywhere(string fileName, string contentType, string expected) =>
        Assert.Equal(expected, new ArchiveNames().Next(Image(fileName, contentType)));

    [Fact]
    public void A_long_name_keeps_its_seed_and_fits_every_file_system()
    {
        var names = new ArchiveNames();
        var longest = Image(ImageFileName.Of(new string('狐', 200), long.MaxValue), "image/jpeg");

        var made = Enumerable.Range(0, 3).Select(_ => names.Next(longest)).ToList();

        Assert.EndsWith("狐-9223372036854775807.jpg", made[0], StringComparison.Ordinal);
        Assert.EndsWith("-9223372036854775807-3.jpg", made[2], StringComparison.Ordinal);
        Assert.All(made, name => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(name), 200, 255));
        Assert.Equal(3, made.Distinct().Count());
    }

    [Fact]
    public void Names_that_differ_only_in_case_get_numbers()
    {
        var names = new ArchiveNames();

        Assert.Equal(
            ["Fox.png", "fox-2.png", "fox-3.png", "fox-2-2.png"],
            new[] { "Fox", "fox", "FOX", "fox-2" }.Select(name => names.Next(Image(name, "image/png"))).Select(
                (name, at) => at == 2 ? name.ToLowerInvariant() : name));
    }

    private static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static StoredImage Image(string fileName, string contentType) => new()
    {
        Id = Guid.Empty,
        GenerationId = Guid.Empty,
        Kind = FileKind.Image,
        Index = 0,
        BlobKey = "",
        ContentType = contentType,
        Width = null,
        Height = null,
        Bytes = 0,
        FileName = fileName,
        CreatedAt = At,
    };
}
