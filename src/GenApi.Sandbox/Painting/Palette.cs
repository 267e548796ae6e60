using System.Globalization;
using System.Numerics;

namespace GenApi.Sandbox.Painting;

/// <summary>Six colours that go together, from the top of the sky to the nearest ground.</summary>
internal sealed record Palette(Vector3 Zenith, Vector3 Sky, Vector3 Horizon, Vector3 Far, Vector3 Near, Vector3 Light, bool Dark)
{
    private static readonly (string Words, Palette Palette)[] Named =
    [
        ("sunset dusk evening romantic warm orange amber", Of("2b1b4d 8c3b6b f7a65c b0556b 1d1230 ffe2a8")),
        ("dawn morning sunrise pink rose spring cherry blossom", Of("4a6fa5 c9a0b8 ffd9c0 a08aa8 2c2a45 fff3d6")),
        (
            "night dark midnight moon gothic shadow horror storm lightning witch",
            Of("050a1f 13224a 3a4f86 22315c 04060f e8eeff", dark: true)),
        ("winter snow ice frozen cold white arctic polar penguin", Of("5f8fbf a9c9e2 eef6fb 9fb8d0 2f4a66 ffffff")),
        ("desert sand gold golden dune autumn fall camel brown lion", Of("3f7ea6 e0b878 fbe3b4 d08a4a 5a2d16 fff6d8")),
        ("forest jungle green emerald moss nature frog leaf elf garden", Of("4c8a8c a8cfa0 f0f2c8 6f9a72 10281c fffbd0")),
        ("sea ocean underwater teal turquoise blue wave beach whale fish island", Of("0d4f8b 4fa8c9 d7f0ea 3f8ca0 06283d fffde8")),
        (
            "neon cyberpunk cyber synthwave vaporwave purple violet magenta robot futuristic tokyo",
            Of("120033 4b0a77 ff3fa4 5a1a8a 0a0220 57f2ff", dark: true)),
        ("fire lava red dragon volcano hell flame burning crimson phoenix", Of("1a0508 5c1410 ff7a2e 7a2415 120304 ffd36b", dark: true)),
        (
            "rainbow unicorn candy pastel cute kawaii dream fairy magic colour colours color colors colorful colourful",
            Of("7fb4f0 c9b8f5 ffe0ee b79ad6 5a4a8a fffbe0")),
        (
            "space galaxy astronaut planet star cosmic nebula universe alien rocket",
            Of("04040f 141433 5a3f8c 2e2a5e 03030a fff0d0", dark: true)),
        ("day summer sunny meadow sky field mountain hill horse", Of("2f7fd0 86c0ee e6f3f7 7fa6a8 1f4a2c fffbe6")),
    ];

    private static readonly Dictionary<string, Palette> ByWord = Named
        .SelectMany(p => p.Words.Split(' '), (p, word) => (word, p.Palette))
        .ToDictionary(p => p.word, p => p.Palette, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Picks the palette that the last fitting word of the prompt asks for, as time and light tend to come last; else one drawn from the
    /// prompt. The seed tints it a little.
    /// </summary>
    public static Palette For(IReadOnlyList<string> words, ulong promptHash, Dice dice)
    {
        var palette = words.Select(ByWord.GetValueOrDefault).LastOrDefault(p => p is not null)
            ?? Named[promptHash % (ulong)Named.Length].Palette;
        var tint = new Vector3(dice.Between(-0.05f, 0.05f), dice.Between(-0.04f, 0.04f), dice.Between(-0.05f, 0.05f));
        return palette with
        {
            Zenith = Tinted(palette.Zenith, tint),
            Sky = Tinted(palette.Sky, tint),
            Horizon = Tinted(palette.Horizon, tint * 0.5f),
            Far = Tinted(palette.Far, tint),
            Near = Tinted(palette.Near, tint * 0.5f),
        };
    }

    /// <summary>The sky's colour at a height: 0 is the top, 1 the horizon.</summary>
    public Vector3 SkyAt(float height) => height < 0.55f
        ? Vector3.Lerp(Zenith, Sky, height / 0.55f)
        : Vector3.Lerp(Sky, Horizon, Math.Min(1, (height - 0.55f) / 0.45f));

    /// <summary>All colours in a row: 0 is the darkest, 1 the light.</summary>
    public Vector3 Ramp(float at)
    {
        var scaled = Math.Clamp(at, 0, 0.9999f) * 5;
        var share = scaled - MathF.Floor(scaled);
        return (int)scaled switch
        {
            0 => Vector3.Lerp(Near, Zenith, share),
            1 => Vector3.Lerp(Zenith, Far, share),
            2 => Vector3.Lerp(Far, Sky, share),
            3 => Vector3.Lerp(Sky, Horizon, share),
            _ => Vector3.Lerp(Horizon, Light, share),
        };
    }

    private static Vector3 Tinted(Vector3 colour, Vector3 tint) => Vector3.Clamp(colour + tint, Vector3.Zero, Vector3.One);

    private static Palette Of(string hex, bool dark = false)
    {
        var colours = hex.Split(' ').Select(Colour).ToArray();
        return new Palette(colours[0], colours[1], colours[2], colours[3], colours[4], colours[5], dark);
    }

    private static Vector3 Colour(string hex)
    {
        var value = int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new Vector3((value >> 16) & 255, (value >> 8) & 255, value & 255) * (1f / 255);
    }
}
