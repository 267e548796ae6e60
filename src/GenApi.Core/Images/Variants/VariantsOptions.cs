using System.Globalization;
using GenApi.Core.Errors;
using GenApi.Core.Images.Conversion;

namespace GenApi.Core.Images.Variants;

/// <summary>Settings of variants; part of the section <c>Images</c>.</summary>
public sealed class VariantsOptions
{
    public const string Section = "Images";

    /// <summary>The longest side that WebP allows.</summary>
    private const int LongestSide = 16_383;

    private const int MostWidths = 50;

    /// <summary>The widths and heights that callers may ask for, in pixels, separated by commas.</summary>
    /// <value>1 to 50 whole numbers from 1 to 16,383</value>
    public string Widths { get; set; } = "64, 128, 256, 512, 1024, 2048";

    /// <summary>The color behind transparent pixels in a JPEG, unless the request names one: six hexadecimal digits.</summary>
    /// <value><c>rrggbb</c></value>
    public string Background { get; set; } = new ImageConversion { Format = VariantFormat.Jpeg }.Background;

    /// <summary>Puts the marking of AI images into every variant: XMP with IPTC's <c>DigitalSourceType</c>.</summary>
    public bool Mark { get; set; } = true;

    /// <summary>Reads <see cref="Widths"/>.</summary>
    /// <returns>The widths, smallest first.</returns>
    /// <exception cref="SettingException">It is not such a list.</exception>
    public IReadOnlyList<int> WidthList()
    {
        var widths = new SortedSet<int>();
        foreach (var text in Widths.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var width) || width is < 1 or > LongestSide)
                throw new SettingException($"{Section}:{nameof(Widths)}", $"'{text}' is not a whole number from 1 to {LongestSide}.");
            widths.Add(width);
        }
        return widths.Count <= MostWidths
            ? [.. widths]
            : throw new SettingException(
                $"{Section}:{nameof(Widths)}", $"{widths.Count} widths are too many. Allowed: at most {MostWidths}.");
    }

    /// <summary>Reads <see cref="Background"/>.</summary>
    /// <exception cref="SettingException">It is not a color.</exception>
    public string BackgroundColor() => VariantRequest.ParseColor(Background) ?? throw new SettingException(
        $"{Section}:{nameof(Background)}", $"'{Background}' is not a color. Allowed: six hexadecimal digits, such as ffffff.");
}
