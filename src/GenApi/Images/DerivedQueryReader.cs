using System.Globalization;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Variants;
using GenApi.Hosting.Requests;
using Microsoft.AspNetCore.WebUtilities;

namespace GenApi.Images;

/// <summary>
/// Reads the parameters that ask for a copy of an image: in another size or format, or with its settings inside. A query without any of
/// them asks for the bytes as they are; other names in it are ignored then, except those that look like a typo.
/// </summary>
/// <param name="widths">The widths and heights that are allowed.</param>
internal sealed class DerivedQueryReader(IReadOnlyList<int> widths)
{
    private const string Download = "download";

    /// <summary>The remainder of <c>&amp;amp;</c> after a query is split.</summary>
    private const string Escape = "amp;";

    private static readonly string[] Names = [.. DerivedQuery.Parameters.Select(parameter => parameter.Name)];

    private static readonly string[] Known = [.. Names, Download, ImageLinks.Expires, ImageLinks.Signature];

    private readonly string _sides = string.Join(", ", widths);

    /// <summary>Reads a query.</summary>
    /// <param name="query">The raw query.</param>
    /// <param name="areImages">Whether the route serves images; another file has no copies.</param>
    /// <returns>Null if the bytes are wanted as they are.</returns>
    /// <exception cref="GenApiException">InvalidRequest, with all errors.</exception>
    public DerivedQuery? Read(QueryString query, bool areImages)
    {
        if (!query.HasValue || HasOnlyLink(query.Value))
            return null;
        var values = new Dictionary<string, string>();
        var others = new List<string>();
        var errors = new MemberErrors();
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            var name = pair.DecodeName().ToString();
            if (!Names.Contains(name))
                others.Add(name);
            else if (!areImages)
                errors.Add(name, $"'{name}' is for images; a file is served as it is.");
            else if (!values.TryAdd(name, pair.DecodeValue().ToString()))
                errors.Add(name, $"'{name}' is given more than once.");
        }
        foreach (var name in others)
            CheckOther(name, isStrict: values.Count > 0, areImages, errors);
        var wanted = values.Count > 0 ? Read(values, errors) : (DerivedQuery?)null;
        errors.ThrowIfAny();
        return wanted;
    }

    /// <summary>Returns whether a copy with settings is wanted, whatever else is wrong with the query.</summary>
    public static bool AsksForSettings(QueryString query)
    {
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            if (pair.DecodeName().Span.SequenceEqual(DerivedQuery.MetadataName)
                && pair.DecodeValue().Span.SequenceEqual(DerivedQuery.Embedded))
                return true;
        }
        return false;
    }

    /// <summary>Returns whether every parameter belongs to a link, as in most queries. It allocates nothing.</summary>
    private static bool HasOnlyLink(string? query)
    {
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.EncodedName.Span;
            if (!name.SequenceEqual(ImageLinks.Expires) && !name.SequenceEqual(ImageLinks.Signature)
                && !name.Equals(Download, StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }

    /// <summary>Refuses an unknown name where it would silently give another image than the caller meant.</summary>
    private static void CheckOther(string name, bool isStrict, bool areImages, MemberErrors errors)
    {
        if (!areImages || Known.Contains(name) || name.Equals(Download, StringComparison.OrdinalIgnoreCase))
            return;
        if (name.StartsWith(Escape, StringComparison.Ordinal) && Names.Contains(name[Escape.Length..]))
            errors.Unknown("", name, Names, static () => "The query is escaped for HTML: replace each &amp; by &.");
        else if (isStrict || NearestName.Find(name, Names) is not null)
            errors.Unknown("", name, Names);
    }

    private DerivedQuery Read(Dictionary<string, string> values, MemberErrors errors)
    {
        var format = Word(DerivedQuery.FormatName, DerivedQuery.Formats.Words, values, errors);
        var wanted = new DerivedQuery
        {
            Width = Side(DerivedQuery.WidthName, values, errors),
            Height = Side(DerivedQuery.HeightName, values, errors),
            Fit = Word(DerivedQuery.FitName, DerivedQuery.Fits.Words, values, errors) == "cover" ? VariantFit.Cover : VariantFit.Inside,
            Format = format switch
            {
                "webp" => VariantFormat.Webp,
                "avif" => VariantFormat.Avif,
                "jpeg" => VariantFormat.Jpeg,
                "png" => VariantFormat.Png,
                _ => null,
            },
            IsNegotiated = format == "auto",
            Quality = Quality(values, errors),
            Background = Background(values, errors),
            IsVariant = values.Keys.Any(name => name != DerivedQuery.MetadataName),
            HasSettings = HasSettings(values, errors),
        };
        CheckTogether(wanted, values, errors);
        return wanted;
    }

    /// <summary>Refuses parameters that need another one, or that have no effect on what the others ask for.</summary>
    private static void CheckTogether(DerivedQuery wanted, Dictionary<string, string> values, MemberErrors errors)
    {
        const string width = DerivedQuery.WidthName, height = DerivedQuery.HeightName, format = DerivedQuery.FormatName;
        var hasSide = values.ContainsKey(width) || values.ContainsKey(height);
        if (wanted.Fit == VariantFit.Cover && !(values.ContainsKey(width) && values.ContainsKey(height)))
            errors.Add(DerivedQuery.FitName, $"'{DerivedQuery.FitName}' cover needs '{width}' and '{height}'.");
        else if (values.ContainsKey(DerivedQuery.FitName) && !hasSide)
            errors.Add(DerivedQuery.FitName, $"'{DerivedQuery.FitName}' needs '{width}' or '{height}'.");
        if (wanted.Quality is not null)
        {
            if (wanted.Format == VariantFormat.Png)
            {
                errors.Add(
                    DerivedQuery.QualityName,
                    $"'{DerivedQuery.QualityName}' has no effect on png, which is lossless. Allowed with webp, avif, jpeg and auto.");
            }
            else if (!hasSide && !values.ContainsKey(format))
                errors.Add(DerivedQuery.QualityName, $"'{DerivedQuery.QualityName}' needs '{width}', '{height}' or '{format}'.");
        }
        if (wanted.Background is not null)
        {
            if (wanted.Format is not (null or VariantFormat.Jpeg))
            {
                errors.Add(
                    DerivedQuery.BackgroundName,
                    $"'{DerivedQuery.BackgroundName}' is for jpeg, the format without transparency. Allowed with jpeg and auto.");
            }
            else if (!hasSide && !values.ContainsKey(format))
                errors.Add(DerivedQuery.BackgroundName, $"'{DerivedQuery.BackgroundName}' needs '{width}', '{height}' or '{format}'.");
        }
    }

    private static bool HasSettings(Dictionary<string, string> values, MemberErrors errors)
    {
        const string name = DerivedQuery.MetadataName;
        if (!values.TryGetValue(name, out var text))
            return false;
        if (text != DerivedQuery.Embedded)
        {
            errors.Add(
                name, $"'{name}' must be '{DerivedQuery.Embedded}'; it is \"{MemberErrors.Shorten(text)}\". Leave it out to get the image "
                + "without settings.");
        }
        return true;
    }

    private int? Side(string name, Dictionary<string, string> values, MemberErrors errors)
    {
        if (!values.TryGetValue(name, out var text))
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) && widths.Contains(side))
            return side;
        errors.Add(name, $"'{name}' must be one of {_sides}; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    private static string? Word(string name, IReadOnlyList<string> words, Dictionary<string, string> values, MemberErrors errors)
    {
        if (!values.TryGetValue(name, out var text))
            return null;
        if (words.Contains(text))
            return text;
        errors.Add(name, $"'{name}' must be one of {string.Join(", ", words)}; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    private static int? Quality(Dictionary<string, string> values, MemberErrors errors)
    {
        if (!values.TryGetValue(DerivedQuery.QualityName, out var text))
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var quality) && quality is >= 1 and <= 100)
            return quality;
        errors.Add(
            DerivedQuery.QualityName,
            $"'{DerivedQuery.QualityName}' must be a whole number from 1 to 100; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    private static string? Background(Dictionary<string, string> values, MemberErrors errors)
    {
        if (!values.TryGetValue(DerivedQuery.BackgroundName, out var text))
            return null;
        if (VariantRequest.ParseColor(text) is { } color)
            return color;
        errors.Add(
            DerivedQuery.BackgroundName,
            $"'{DerivedQuery.BackgroundName}' must be six hexadecimal digits, such as ffffff; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }
}
