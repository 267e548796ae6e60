using System.Text.Json;
using GenApi.Core.Images.Metadata;
using GenApi.Tests.Documentation;

namespace GenApi.Tests.Images.Metadata;

/// <summary>Programs by others read what copies of images carry, in each format that they can read.</summary>
public sealed class IndependentReadersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-copies-").FullName;

    [Fact]
    public async Task Exiftool_reads_settings_and_mark_in_all_four_formats_and_has_no_warning()
    {
        var exiftool = Tool.Require("exiftool");
        var prompts = await WriteAsync(Copies.Formats);

        var output = await Tool.RunAsync(
            exiftool, ["-j", "-G1", "-a", "-Warning", "-Error", "-Parameters", "-UserComment", "-XMP:all", .. Files()], _folder);

        var seen = JsonSerializer.Deserialize<Dictionary<string, string>[]>(output)!.ToDictionary(each => each["SourceFile"]);
        Assert.Equal(prompts.Count, seen.Count);
        foreach (var (file, prompt) in prompts)
        {
            var facts = seen[file];
            AssertSettings(file, prompt, facts[file.EndsWith("png", StringComparison.Ordinal) ? "PNG:Parameters" : "ExifIFD:UserComment"]);
            Assert.Equal(Copies.Mark, facts["XMP-iptcExt:DigitalSourceType"]);
            Assert.Equal("black-forest-labs/flux-dev", facts["XMP-iptcExt:AISystemUsed"]);
            Assert.DoesNotContain(facts.Keys, key => key.Contains("Warning", StringComparison.Ordinal));
            Assert.DoesNotContain(facts.Keys, key => key.Contains("Error", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Pillow_and_piexif_read_PNG_JPEG_and_WebP_as_image_tools_do()
    {
        var prompts = await WriteAsync(["png", "jpeg", "webp"]);

        // Image tools look at the texts before they decode, and decode the comment by piexif. A WebP file is read by its path as well.
        var output = await PythonImaging.RunAsync(
            """
            import json, os, piexif, piexif.helper
            from PIL import Image
            seen = {}
            for name in os.listdir('.'):
                if name.startswith('.'):
                    continue
                image = Image.open(name)
                if name.endswith('png'):
                    seen[name] = image.info['parameters']
                else:
                    exif = piexif.load(image.info['exif'])
                    seen[name] = piexif.helper.UserComment.load(exif['Exif'][piexif.ExifIFD.UserComment])
                image.load()
                if name.endswith('webp'):
                    assert piexif.load(name)['Exif'], name
            print(json.dumps(seen))
            """, _folder);

        var seen = JsonSerializer.Deserialize<Dictionary<string, string>>(output)!;
        Assert.Equal(prompts.Count, seen.Count);
        Assert.All(prompts, each => AssertSettings(each.Key, each.Value, seen[each.Key]));
    }

    /// <summary>
    /// exifr 7.1.3 reads no WebP, nothing of iTXt, and XMP not in AVIF. It reads an AVIF only if addresses have no common base, which is
    /// how copies are written.
    /// </summary>
    [Fact]
    public async Task Exifr_reads_what_it_can_of_PNG_JPEG_and_AVIF()
    {
        var prompts = await WriteAsync(["png", "jpeg", "avif"]);

        var output = await NodeTools.RunAsync(
            ["-e", """
            const exifr = require("exifr"), fs = require("fs");
            const text = comment => Buffer.from(comment.slice(8)).swap16().toString("utf16le");
            (async () => {
              const seen = {};
              for (const name of fs.readdirSync(".").filter(each => !each.startsWith("."))) {
                const facts = await exifr.parse(fs.readFileSync(name), { userComment: true, xmp: true, mergeOutput: false });
                const comment = facts.exif?.userComment ?? facts.userComment;
                seen[name] = [comment ? text(comment) : "", facts.Iptc4xmpExt?.DigitalSourceType ?? "", facts.errors ?? ""];
              }
              console.log(JSON.stringify(seen));
            })();
            """], _folder);

        var seen = JsonSerializer.Deserialize<Dictionary<string, string[]>>(output)!;
        Assert.Equal(prompts.Count, seen.Count);
        foreach (var (file, prompt) in prompts)
        {
            if (!file.EndsWith("png", StringComparison.Ordinal))
                AssertSettings(file, prompt, seen[file][0]);
            Assert.Equal(file.EndsWith("avif", StringComparison.Ordinal) ? "" : Copies.Mark, seen[file][1]);
            Assert.Equal("", seen[file][2]);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Writes a copy of an image in each format for each prompt.</summary>
    /// <returns>The prompts by file name.</returns>
    private async Task<IReadOnlyDictionary<string, string>> WriteAsync(string[] formats)
    {
        var written = new Dictionary<string, string>();
        foreach (var format in formats)
        {
            var image = Copies.Picture(format);
            foreach (var (name, prompt) in Copies.Prompts.Append(new("long", Copies.Long)))
            {
                var file = $"{name}.{format}";
                written[file] = prompt;
                var copy = SettingsWriter.Embed(image, Copies.Settings(prompt));
                await File.WriteAllBytesAsync(Path.Combine(_folder, file), copy, TestContext.Current.CancellationToken);
            }
        }
        return written;
    }

    private string[] Files() => [.. Directory.GetFiles(_folder).Select(file => Path.GetFileName(file)!)];

    private static void AssertSettings(string file, string prompt, string seen)
    {
        if (file != "long.jpeg")
        {
            Assert.Equal(Copies.Text(prompt), seen);
            return;
        }
        // A segment of a JPEG holds 64 kB, which are 32,000 characters of UTF-16.
        var lines = seen.Split('\n');
        Assert.EndsWith("…", lines[0], StringComparison.Ordinal);
        Assert.StartsWith(lines[0][..^1], prompt, StringComparison.Ordinal);
        Assert.True(lines[0].Length > 31_000, $"Only {lines[0].Length} characters are left.");
        Assert.False(char.IsHighSurrogate(lines[0][^2]) || lines[0].Contains('\uFFFD', StringComparison.Ordinal));
        Assert.Equal(["Negative prompt: unscharf, häßlich", $"{Copies.Pairs}, Truncated: True"], lines[1..]);
    }
}
