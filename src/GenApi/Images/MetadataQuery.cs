using GenApi.Core.Errors;
using GenApi.Hosting;
using Microsoft.AspNetCore.WebUtilities;

namespace GenApi.Images;

/// <summary>The parameter that asks for a copy of an image with its settings inside.</summary>
internal static class MetadataQuery
{
    private const string Name = "metadata", Embedded = "embedded";

    public static QueryParameter Parameter { get; } = new(
        Name, Microsoft.OpenApi.JsonSchemaType.String,
        "`embedded`: a copy with the settings of its generation and the mark of AI-made images inside (PNG, JPEG, WebP, AVIF). It needs a "
        + "key; a link is not enough.")
    {
        Example = Embedded,
    };

    /// <exception cref="GenApiException">InvalidRequest: the parameter has another value, or is there twice.</exception>
    public static bool AsksForSettings(QueryString query)
    {
        var isAsked = false;
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            if (!pair.EncodedName.Span.SequenceEqual(Name))
                continue;
            if (isAsked || !pair.DecodeValue().Span.SequenceEqual(Embedded))
            {
                throw GenApiException.ForMember(
                    ErrorKind.InvalidRequest, Name, $"must be '{Embedded}', once. Leave it out to get the image as it is stored.");
            }
            isAsked = true;
        }
        return isAsked;
    }
}
