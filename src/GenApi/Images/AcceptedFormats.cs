using System.Globalization;
using GenApi.Core.Images.Conversion;
using Microsoft.Extensions.Primitives;

namespace GenApi.Images;

/// <summary>Chooses the format of an image by the header <c>Accept</c> (RFC 9110, 12.5.1).</summary>
internal static class AcceptedFormats
{
    private const string AnyImage = "image/*", Any = "*/*";

    /// <summary>
    /// Chooses the format that the caller prefers. Between formats that it wants equally, WebP comes before AVIF, which takes many times as
    /// long to make, and both before the image's own. If it accepts none, the own is as good as another.
    /// </summary>
    /// <param name="accept">The header; none means that everything is accepted.</param>
    /// <param name="own">The format that keeps most of the image.</param>
    public static VariantFormat Choose(StringValues accept, VariantFormat own)
    {
        var (best, most) = (own, 0.0);
        foreach (var format in (ReadOnlySpan<VariantFormat>)
            [VariantFormat.Webp, VariantFormat.Avif, own, VariantFormat.Png, VariantFormat.Jpeg])
        {
            var weight = WeightOf(accept, TypeOf(format), out var isNamed);
            // Programs send wildcards whatever they can show. A wildcard stands for the image's own format, which they would get without
            // a conversion too, and for the two that all of them can show.
            var isCandidate = isNamed || format == own || format is VariantFormat.Png or VariantFormat.Jpeg;
            if (isCandidate && weight > most)
                (best, most) = (format, weight);
        }
        return best;
    }

    private static string TypeOf(VariantFormat format) => format switch
    {
        VariantFormat.Webp => "image/webp",
        VariantFormat.Avif => "image/avif",
        VariantFormat.Jpeg => "image/jpeg",
        _ => "image/png",
    };

    /// <summary>Reads how much a type is wanted, from 0 to 1, by the most specific range that includes it.</summary>
    private static double WeightOf(StringValues accept, ReadOnlySpan<char> type, out bool isNamed)
    {
        isNamed = false;
        var (specific, weight, isEmpty) = (-1, 0.0, true);
        foreach (var line in accept)
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                var range = line.AsSpan()[part].Trim();
                if (range.IsEmpty)
                    continue;
                isEmpty = false;
                var end = range.IndexOf(';');
                var name = (end < 0 ? range : range[..end]).TrimEnd();
                var rank = name.Equals(type, StringComparison.OrdinalIgnoreCase) ? 2
                    : name.Equals(AnyImage, StringComparison.OrdinalIgnoreCase) ? 1
                    : name.SequenceEqual(Any) ? 0 : -1;
                if (rank <= specific)
                    continue;
                (specific, weight) = (rank, end < 0 ? 1 : WeightIn(range[(end + 1)..]));
            }
        }
        isNamed = specific == 2;
        return isEmpty ? 1 : weight;
    }

    /// <summary>Finds the parameter <c>q</c>; a value that is no weight counts as 0.</summary>
    private static double WeightIn(ReadOnlySpan<char> parameters)
    {
        foreach (var part in parameters.Split(';'))
        {
            var parameter = parameters[part].Trim();
            if (!parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
                continue;
            return double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
                && weight <= 1 ? weight : 0;
        }
        return 1;
    }
}
