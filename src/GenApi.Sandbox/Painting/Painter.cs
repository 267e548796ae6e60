using NetVips;

namespace GenApi.Sandbox.Painting;

/// <summary>
/// Paints the picture that stands in for a model's output. The prompt's words choose scene and palette, the seed everything else; libvips
/// encodes. The same <see cref="Picture"/> always gives the same bytes.
/// </summary>
internal static class Painter
{
    private static readonly (string Words, Action<Canvas, Palette, Dice> Paint)[] Scenes =
    [
        (
            "space planet planets galaxy star stars cosmic astronaut mars nebula universe rocket alien spaceship saturn jupiter",
            SpaceScene.Paint),
        (
            "city street skyline building buildings cyberpunk neon tokyo york london paris town urban robot car skyscraper",
            Landscape(TerrainKind.City)),
        (
            "sea ocean beach lake boat ship island lighthouse river fish whale underwater water wave waves sail surf penguin",
            Landscape(TerrainKind.Sea)),
        ("forest tree trees jungle wood woods fox deer bear wolf elf bird owl rabbit squirrel cabin frog", Landscape(TerrainKind.Forest)),
        ("desert dune dunes sand sahara camel pyramid pyramids lion", Landscape(TerrainKind.Dunes)),
        ("mountain mountains alps snow valley cliff dragon castle wizard volcano glacier", Landscape(TerrainKind.Mountains)),
        (
            "meadow field fields hill hills farm flower flowers corgi dog cat horse unicorn cow sheep grass house garden",
            Landscape(TerrainKind.Hills)),
        (
            "abstract pattern texture portrait face woman man girl boy painting dream liquid marble fractal swirl oil watercolor logo art",
            AbstractScene.Paint),
    ];

    private static readonly int[] FrameMilliseconds = [120, 120, 120, 240];

    private static readonly Dictionary<string, Action<Canvas, Palette, Dice>> ByWord = Scenes
        .SelectMany(s => s.Words.Split(' '), (s, word) => (word, s.Paint))
        .ToDictionary(s => s.word, s => s.Paint, StringComparer.OrdinalIgnoreCase);

    static Painter()
    {
        // Nothing is computed twice here, and pictures are already painted in parallel: caches and threads inside libvips would only cost
        // memory.
        Cache.Max = 0;
        NetVips.NetVips.Concurrency = 1;
    }

    public static byte[] Paint(Picture picture)
    {
        var canvas = new Canvas(picture.Width, picture.Height);
        var words = Words(picture.Prompt);
        var prompt = Dice.Hash(picture.Prompt);
        var dice = new Dice(prompt ^ Dice.Hash(picture.Model) ^ ((ulong)picture.Seed * 0xD1342543DE82EF95UL));
        var palette = Palette.For(words, prompt, dice);
        var scene = words
            .Select(ByWord.GetValueOrDefault)
            .FirstOrDefault(s => s is not null) ?? Scenes[(prompt >> 8) % (ulong)Scenes.Length].Paint;
        scene(canvas, palette, dice);
        if (picture.Source is { } source)
            SourceBlend.Apply(canvas, source);
        if (!canvas.IsSmall)
            Caption.Write(canvas, picture);
        return Encode(canvas, picture);
    }

    private static Action<Canvas, Palette, Dice> Landscape(TerrainKind kind) =>
        (canvas, palette, dice) => LandscapeScene.Paint(canvas, palette, kind, dice);

    /// <summary>Splits at every character that is not a letter, in one pass: a list of separators could be as long as the prompt.</summary>
    private static List<string> Words(string prompt)
    {
        var words = new List<string>();
        var start = -1;
        for (var at = 0; at <= prompt.Length; at++)
        {
            var isLetter = at < prompt.Length && char.IsLetter(prompt[at]);
            if (isLetter && start < 0)
                start = at;
            if (isLetter || start < 0)
                continue;
            words.Add(prompt[start..at]);
            start = -1;
        }
        return words;
    }

    private static byte[] Encode(Canvas canvas, Picture picture)
    {
        using var image = Image.NewFromMemory(canvas.Pixels, canvas.Width, canvas.Height, 3, Enums.BandFormat.Uchar);
        return picture.Format switch
        {
            PictureFormat.Jpeg => image.JpegsaveBuffer(q: Math.Max(1, picture.Quality)),
            PictureFormat.Webp => image.WebpsaveBuffer(q: picture.Quality, effort: 1),
            PictureFormat.AnimatedWebp => Animate(image, picture.Quality),
            PictureFormat.WidePng => Widen(image),
            _ => image.PngsaveBuffer(compression: 1, filter: Enums.ForeignPngFilter.Sub),
        };
    }

    private static byte[] Animate(Image image, int quality)
    {
        var frames = FrameMilliseconds.Select((_, each) => image.Wrap(x: image.Width - each * image.Width / 8)).ToArray();
        using var strip = Image.Arrayjoin(frames, across: 1);
        using var animation = strip.Mutate(copy =>
        {
            copy.Set(GValue.GIntType, "page-height", image.Height);
            copy.Set(GValue.ArrayIntType, "delay", FrameMilliseconds);
            copy.Set(GValue.GIntType, "loop", 0);
        });
        return animation.WebpsaveBuffer(q: quality, effort: 1);
    }

    private static byte[] Widen(Image image)
    {
        using var colored = image.Copy(interpretation: Enums.Interpretation.Srgb);
        using var wide = colored.IccTransform("p3", inputProfile: "srgb", depth: 16);
        return wide.PngsaveBuffer(compression: 1, filter: Enums.ForeignPngFilter.Sub);
    }
}
