using GenApi.Core.Errors;
using GenApi.Hosting;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace GenApi.Images;

/// <summary>The parameter that asks for a copy of an image with its settings inside.</summary>
internal static class MetadataQuery
{
    private const string Name = "metadata", Embedded = "embedded";

    public static QueryParameter Parameter { get; } = new(
        Name, JsonSchemaType.String,
        "`embedded`: a copy with the settings of its generation and the mark of AI-made images inside (PNG, JPEG, WebP, AVIF). It needs a "
        + "key; a link is not enough.")
    {
        Example = Embedded,
    };

    /// <summary>Whether a request with this query would show settings.</summary>
    public static bool NamesSettings(QueryString query)
    {
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            if (IsSettings(pair))
                return true;
        }
        return false;
    }

    /// <exception cref="GenApiException">InvalidRequest: the parameter has another value, or is there twice.</exception>
    public static bool AsksForSettings(QueryString query)
    {
        var isAsked = false;
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            if (!IsNamed(pair))
                continue;
            if (isAsked || !IsSettings(pair))
            {
                throw GenApiException.ForMember(
                    ErrorKind.InvalidRequest, Name, $"must be '{Embedded}', once. Leave it out to get the image as it is stored.");
            }
            isAsked = true;
        }
        return isAsked;
    }

    private static bool IsNamed(QueryStringEnumerable.EncodedNameValuePair pair) =>
        pair.DecodeName().Span.Equals(Name, StringComparison.OrdinalIgnoreCase);

    private static bool IsSettings(QueryStringEnumerable.EncodedNameValuePair pair) =>
        IsNamed(pair) && pair.DecodeValue().Span.SequenceEqual(Embedded);
}
