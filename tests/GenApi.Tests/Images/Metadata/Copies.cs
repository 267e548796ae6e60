using GenApi.Core.Images.Metadata;
using NetVips;

namespace GenApi.Tests.Images.Metadata;

/// <summary>Settings and images that the tests of embedded metadata share.</summary>
internal static class Copies
{
    public const string Mark = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

    public const string Pairs =
        "Steps: 28, CFG scale: 3.5, Seed: 42, Size: 61x43, Model: black-forest-labs/flux-dev, "
        + "Model version: 5f24084160c9089501c1b3545d9be3c27883ae2239b6f412990e82d4a6210f8f, "
        + "Generation: gen_01m874sb8sejtsw12hbne676v8, Created at: 2026-01-31T120300Z";

    public static readonly string[] Formats = ["png", "jpeg", "webp", "avif"];

    /// <summary>Prompts that are hard to store, by name.</summary>
    public static readonly IReadOnlyDictionary<string, string> Prompts = new Dictionary<string, string>
    {
        ["ascii"] = "a red fox, 8k",
        ["umlauts"] = "ein Füchslein in größter Eile, süß",
        ["cjk"] = "雪の中の狐、高画質、여우",
        ["lines"] = "first line\nsecond: line, with commas, and: colons\n\n\"last\" <line> & end",
        ["pairs"] = "😀🦊 emoji 👨‍👩‍👧",
    };

    /// <summary>A prompt of more than 100 kB, in whatever encoding.</summary>
    public static string Long { get; } = string.Concat(Enumerable.Range(0, 6000).Select(each => $"Füchslein {each} 狐 🦊 "));

    public static EmbeddedSettings Settings(string prompt, string? negative = "unscharf, häßlich") => new()
    {
        Prompt = prompt,
        NegativePrompt = negative,
        Model = "black-forest-labs/flux-dev",
        Version = "5f24084160c9089501c1b3545d9be3c27883ae2239b6f412990e82d4a6210f8f",
        Seed = 42,
        Steps = 28,
        Guidance = 3.5,
        Width = 61,
        Height = 43,
        GenerationId = "gen_01m874sb8sejtsw12hbne676v8",
        CreatedAt = new DateTimeOffset(2026, 1, 31, 13, 3, 0, TimeSpan.FromHours(1)),
    };

    /// <summary>The text that a copy with <see cref="Settings"/> holds.</summary>
    public static string Text(string prompt) => $"{prompt}\nNegative prompt: unscharf, häßlich\n{Pairs}";

    /// <param name="format">One of <see cref="Formats"/>.</param>
    public static byte[] Picture(string format) => Pictures.Of(format == "webp" ? "webp lossy" : format, 61, 43);

    /// <summary>The decoded pixels, turned as the file asks.</summary>
    public static byte[] Pixels(byte[] image)
    {
        using var decoded = Image.NewFromBuffer(image);
        return decoded.WriteToMemory<byte>();
    }

    public static byte[] Signed(string extension) => extension == "png"
        ? File.ReadAllBytes(Repository.PathOf("src/GenApi.Sandbox/Files/signed.png"))
        : File.ReadAllBytes(Repository.PathOf($"tests/GenApi.Tests/Images/Metadata/Signed/signed.{extension}"));
}
