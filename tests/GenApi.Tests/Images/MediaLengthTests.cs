using System.Buffers.Binary;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Probes;

namespace GenApi.Tests.Images;

/// <summary>
/// The length of videos and sounds and the size of videos, as their containers state them. The files in <c>Media</c> were written by FFmpeg
/// 5.1; ffprobe says the same of them, but where a comment tells otherwise.
/// </summary>
public sealed class MediaLengthTests
{
    private static readonly FilePromise Accepted = new(null, null) { IsAccepted = true };

    public static TheoryData<string, string, int?, int?, long?> Files => new()
    {
        // The movie header behind the data and before it; rotated by a quarter.
        { "end.mp4", "video/mp4", 64, 36, 1500 },
        { "front.mp4", "video/mp4", 64, 36, 1500 },
        { "turned.mp4", "video/mp4", 36, 64, 1500 },
        // In fragments: ffprobe adds up their lengths, the header states none.
        { "pieces.mp4", "video/mp4", 64, 36, null },
        { "clip.mov", "video/quicktime", 64, 36, 1500 },
        { "clip.webm", "video/webm", 64, 36, 1500 },
        { "live.webm", "video/webm", 64, 36, null },
        { "clip.mkv", "video/x-matroska", 64, 36, 1500 },
        { "clip.ogv", "video/ogg", 64, 36, 1300 },
        { "clip.avi", "video/x-msvideo", 64, 36, 1500 },
        { "sound.m4a", "audio/mp4", null, null, 1250 },
        // Neither has a picture in it, whatever the container usually holds.
        { "sound.mp4", "audio/mp4", null, null, 1250 },
        { "sound.webm", "audio/webm", null, null, 1258 },
        // Without what a player skips at the start, which ffprobe counts.
        { "sound.opus", "audio/ogg", null, null, 1250 },
        { "sound.ogg", "audio/ogg", null, null, 1250 },
        { "sound.oga", "audio/ogg", null, null, 1250 },
        { "sound.flac", "audio/flac", null, null, 1250 },
        { "sound.wav", "audio/wav", null, null, 250 },
        // Written into a pipe, so no size is stated.
        { "streamed.wav", "audio/wav", null, null, 250 },
        { "sound.aiff", "audio/aiff", null, null, 250 },
        { "varying.mp3", "audio/mpeg", null, null, 1440 },
        { "constant.mp3", "audio/mpeg", null, null, 1440 },
        { "sound.aac", "audio/aac", null, null, null },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_container_states_length_and_size(string file, string contentType, int? width, int? height, long? milliseconds)
    {
        var facts = Probe(Bytes(file));

        Assert.Equal((contentType, width, height, milliseconds), (facts.ContentType, facts.Width, facts.Height, facts.DurationMs));
        Assert.Equal(contentType.StartsWith("video/", StringComparison.Ordinal) ? FileKind.Video : FileKind.Audio, facts.Kind);
    }

    [Fact]
    public void A_sound_behind_an_ID3_tag_is_what_follows_the_tag()
    {
        byte[] tag = [.. "ID3\u0004\0\0\0\0\0\u0014"u8, .. new byte[20]];

        var (flac, aac, mp3) = (Probe([.. tag, .. Bytes("sound.flac")]), Probe([.. tag, .. Bytes("sound.aac")]),
            Probe([.. tag, .. Bytes("constant.mp3")]));

        Assert.Equal(("audio/flac", 1250L), (flac.ContentType, flac.DurationMs!.Value));
        Assert.Equal("audio/aac", aac.ContentType);
        Assert.Equal(("audio/mpeg", 1440L), (mp3.ContentType, mp3.DurationMs!.Value));
    }

    [Fact]
    public void STL_is_recognised_without_its_extension()
    {
        var binary = new byte[84 + 2 * 50];
        BinaryPrimitives.WriteInt32LittleEndian(binary.AsSpan(80), 2);

        Assert.Equal("model/stl", Probe(binary).ContentType);
        Assert.Equal("model/stl", Probe("solid cube\n  facet normal 0 0 1\n"u8.ToArray()).ContentType);
        Assert.Equal("application/octet-stream", Probe(binary[..^1]).ContentType);
        Assert.NotEqual("model/stl", Probe("solid advice for a text\n"u8.ToArray()).ContentType);
    }

    [Theory]
    [InlineData("end.mp4", "mvhd", 12)]
    [InlineData("end.mp4", "mvhd", 16)]
    [InlineData("sound.wav", "fmt ", 12)]
    [InlineData("sound.flac", "fLaC", 14)]
    [InlineData("clip.avi", "avih", 4)]
    public void A_length_that_makes_no_sense_is_none(string file, string before, int offset)
    {
        foreach (var value in (byte[])[0x00, 0xFF])
        {
            var bytes = Bytes(file);
            var at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(before)) + 4 + offset;
            bytes.AsSpan(at, 8).Fill(value);
            Assert.InRange(Probe(bytes).DurationMs ?? 1, 1, 10L * 365 * 86_400_000);
        }
    }

    [Fact]
    public void Damage_never_breaks_the_reader()
    {
        var random = new Random(16);
        foreach (var file in Files.Select(row => row.Data.Item1))
        {
            var whole = Bytes(file);
            for (var round = 0; round < 100; round++)
            {
                var bytes = whole[..random.Next(8, whole.Length + 1)];
                for (var change = random.Next(1, 8); change > 0; change--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                try
                {
                    var facts = Probe(bytes);
                    Assert.True(facts is { Width: null or > 0, Height: null or > 0, DurationMs: null or >= 0 });
                }
                catch (GenApiException fault)
                {
                    // Changed bytes may look like a picture that ends too early.
                    Assert.Equal(ErrorKind.DownloadFailed, fault.Kind);
                }
            }
        }
    }

    /// <summary>Files of a gigabyte made of one short piece, again and again, behind a true beginning.</summary>
    [Theory]
    [InlineData("0000000866726565", "0000001866747970" + "69736f6d00000200" + "69736f6d6d703431")]
    [InlineData("ec86000000000000", "1a45dfa3874282847765626d" + "1853806701ffffffffffffff")]
    [InlineData("0000000866726565", "00000018667479706d703432" + "000002006d70343269736f6d" + "0000000000000008")]
    [InlineData("6a756e6b00000000", "5249464600000000" + "57415645")]
    [InlineData("4f67675300000000", "4f676753000200000000000000000100000000000000000000000113" + "4f707573486561640101000101bb0000000000")]
    [InlineData("fffb900000000000", "49443304000000000000")]
    public void A_file_without_end_costs_some_megabytes_of_reading(string piece, string beginning)
    {
        var (again, head) = (Convert.FromHexString(piece), Convert.FromHexString(beginning));
        const long length = 1L << 30;
        var read = 0L;
        int Read(Span<byte> buffer, long offset)
        {
            var count = (int)Math.Min(buffer.Length, length - offset);
            for (var at = 0; at < count; at++)
            {
                var position = offset + at;
                buffer[at] = position < head.Length ? head[position] : again[(position - head.Length) % again.Length];
            }
            read += count;
            return count;
        }

        using var bytes = new ImageBytes(Read, length);
        var facts = MediaProbe.Find(bytes);

        Assert.NotNull(facts);
        Assert.InRange(read, 1, 4 << 20);
    }

    private static byte[] Bytes(string file) => File.ReadAllBytes(Repository.PathOf($"tests/GenApi.Tests/Images/Media/{file}"));

    private static FileFacts Probe(byte[] bytes) => OutputProbe.Read(OutputProbeTests.ReaderOf(bytes), bytes.Length, Accepted, () => true);
}
