using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using GenApi.Core.Images.Containers;
using GenApi.Core.Images.Metadata.Reading;

namespace GenApi.Tests.Images.Reading;

/// <summary>Pictures that were made to harm: whatever they hold, reading them ends soon, needs little and throws nothing.</summary>
public sealed class HostileSettingsTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Graphs =>
    [
        // Round in a circle: conditions, pictures, models, numbers and texts.
        """
        {"1":{"class_type":"KSampler","inputs":{"seed":["1",0],"steps":["2",0],"positive":["2",0],"negative":["2",1],"model":["2",0],
          "latent_image":["2",0],"images":["1",0]}},
         "2":{"class_type":"Save","inputs":{"value":["2",0],"text":["2",0],"positive":["2",0],"negative":["2",0],"samples":["2",0],
          "model":["2",0],"conditioning":["2",0],"images":["2",0],"seed":["2",0],"string_a":["2",0],"string_b":["2",0]}}}
        """,
        """{"1":{"class_type":"KSampler","inputs":{"seed":1,"positive":["1",0]}}}""",
        """{"1":{"class_type":"KSampler","inputs":{"seed":{"a":[1]},"positive":["7",0],"guider":[["1"],0],"latent_image":[null,0]}}}""",
        """{"1":{"class_type":7,"inputs":{}},"2":{"class_type":"X","inputs":[]},"3":null,"4":[]}""",
        "{}", "[]", "\"prompt\"", "7",
    ];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_graph_may_be_any_JSON(string graph) => AssertEnds(ReadingPictures.Png(("prompt", graph)));

    /// <summary>Each node leads to all others by each input: without a limit, 400 to the power of the depth.</summary>
    [Fact]
    public void A_graph_with_very_many_ways_is_given_up()
    {
        var names = (string[])["text", "value", "string_a", "string_b", "seed", "positive", "conditioning_1", "conditioning_2", "samples"];
        var nodes = Enumerable.Range(0, 400).Select(at => $$"""
            "{{at}}":{"class_type":"KSampler","inputs":{ {{string.Join(',', names.Select((name, input) =>
                $"\"{name}\":[\"{(at * 7 + input * 13 + 1) % 400}\",0]"))}} } }
            """);

        AssertEnds(ReadingPictures.Png(("prompt", $"{{{string.Join(',', nodes)}}}")));
    }

    [Fact]
    public void Nesting_length_and_number_have_limits()
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);
        var wide = $"{{\"1\":{{\"class_type\":\"KSampler\",\"inputs\":{{{string.Join(
            ',', Enumerable.Range(0, 60_000).Select(at => $"\"i{at}\":[\"1\",0]"))}}}}}}}";
        var many = "{\"sui_image_params\":{" + string.Join(',', Enumerable.Range(0, 50_000).Select(at => $"\"k{at}\":1")) + "}}";
        (string Keyword, string Text)[] texts =
        [
            ("prompt", deep), ("parameters", deep), ("sd-metadata", $"{{\"image\":{deep}}}"), ("prompt", wide),
            ("parameters", new string('x', 3 << 20)),
            ("parameters", "a\nSteps: " + string.Concat(Enumerable.Repeat("aa: [x, ", 100_000))),
            ("parameters", string.Concat(Enumerable.Repeat("Steps: 1, bb: \"x\n", 60_000))),
            ("parameters", string.Concat(Enumerable.Repeat("Negative prompt:\n", 60_000))),
            ("Dream", string.Concat(Enumerable.Repeat("[a]", 300_000))),
            ("Dream", "\"a\" -A " + string.Concat(Enumerable.Repeat("w ", 400_000))),
            ("parameters", many), ("invokeai_metadata", many), ("Comment", many),
            ("parameters",
                "{\"sui_image_params\":{\"seed\":1e999999999,\"width\":-0.0,\"steps\":\"0x7\",\"prompt\":[],\"loras\":[{},[],null]}}"),
        ];

        foreach (var text in texts)
            AssertEnds(ReadingPictures.Png(text));
    }

    /// <summary>Half a gigabyte of zeros in half a megabyte, in many chunks.</summary>
    [Fact]
    public void Texts_that_grow_are_given_up()
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var count = 0; count < 64; count++)
                zlib.Write(new byte[1 << 20]);
        }
        byte[] bomb = [.. "parameters\0\0"u8, .. packed.ToArray()];
        var picture = ReadingPictures.Png(Enumerable.Repeat(PngChunks.Make("zTXt", bomb), 30));
        var before = GC.GetAllocatedBytesForCurrentThread();

        AssertEnds(picture);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20);
    }

    [Fact]
    public void A_hidden_text_may_claim_any_length_and_be_broken()
    {
        foreach (var (file, from) in new[] { ("novelai-hidden.png", 0), ("a1111-hidden.png", 0) })
        {
            var whole = ReadingPictures.Bytes(file);
            var chunks = PngChunks.Read(whole);
            var pixels = chunks.First(chunk => chunk.Type == "IDAT");
            for (var cut = from; cut < pixels.Data.Length; cut += 37)
            {
                AssertEnds(PngChunks.Write(
                    [chunks[0], PngChunks.Make("IDAT", pixels.Data.Span[..cut]), chunks[^1]], default));
            }
            // A picture of 65,535 × 65,535 pixels by its header.
            var header = chunks[0].Data.ToArray();
            BinaryPrimitives.WriteInt32BigEndian(header, 65_535);
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), 65_535);
            AssertEnds(PngChunks.Write([PngChunks.Make("IHDR", header), .. chunks.Skip(1)], default));
        }
    }

    [Fact]
    public void Damage_anywhere_is_read_to_its_end()
    {
        var random = new Random(16);
        foreach (var file in ReadingPictures.Files)
        {
            var whole = ReadingPictures.Bytes(file);
            for (var round = 0; round < 60; round++)
            {
                var bytes = whole[..random.Next(4, whole.Length + 1)];
                for (var change = random.Next(0, 12); change > 0; change--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                SettingsReader.Read(bytes);
            }
        }
    }

    /// <summary>The checksums of PNG would hide what is behind them, so texts are damaged before they get one.</summary>
    [Fact]
    public void Damaged_texts_are_read_to_their_end()
    {
        const string letters = "{}[]\":,\\u0d8\n0Ne -x";
        var random = new Random(16);
        foreach (var file in ReadingPictures.Files.Where(file => file.EndsWith(".png", StringComparison.Ordinal)))
        {
            var texts = PngTexts.Read(PngChunks.Read(ReadingPictures.Bytes(file)));
            for (var round = 0; round < 60 && texts.Count > 0; round++)
            {
                SettingsReader.Read(ReadingPictures.Png(texts.Select(text =>
                {
                    var changed = new StringBuilder(text.Text);
                    for (var change = random.Next(1, 6); change > 0 && changed.Length > 0; change--)
                        changed[random.Next(changed.Length)] = letters[random.Next(letters.Length)];
                    return (text.Keyword, changed.ToString());
                })));
            }
        }
    }

    private static void AssertEnds(byte[] picture)
    {
        var watch = Stopwatch.StartNew();
        SettingsReader.Read(picture);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Soon);
    }
}
