using System.Globalization;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.AspNetCore.WebUtilities;

namespace GenApi.Images;

/// <summary>Reads what a signed link carries, and nothing on the path of requests without one.</summary>
internal sealed class LinkReader(ImageLinks links, TimeProvider time, string prefix)
{
    /// <summary>See <see cref="LinkRule"/>: a link that holds leaves a <see cref="GoodLink"/> with the request.</summary>
    public bool Read(HttpContext context, out GenApiException? refusal)
    {
        refusal = null;
        if (!context.Request.QueryString.HasValue || !TryRead(context.Request.QueryString.Value, out var expires, out var signature))
            return false;
        // What is no such id has nothing that could be linked to.
        if (ImageEndpoints.ParseId(prefix, context.Request.RouteValues["id"] as string ?? "") is not { } id)
            return false;
        var left = expires - time.GetUtcNow().ToUnixTimeSeconds();
        if (!links.IsOurs(id, expires, signature.Span))
            refusal = new GenApiException(ErrorKind.Forbidden, $"The link to the {Word} is not one that this service gave out, or was changed on its way. Its generation gives a new one.");
        else if (left <= 0)
            refusal = new GenApiException(ErrorKind.Forbidden, $"The link to the {Word} has expired. Its generation gives a new one.");
        else
            context.Features.Set(new GoodLink(left));
        return refusal is null;
    }

    private string Word => prefix == PublicId.Image ? "image" : "file";

    public static bool AsksForDownload(QueryString query)
    {
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            if (pair.EncodedName.Span.Equals("download", StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <returns>False when there is no signature. What can't be read is a wrong one.</returns>
    private static bool TryRead(string? query, out long expires, out ReadOnlyMemory<char> signature)
    {
        (expires, signature) = (0, default);
        var isSigned = false;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (pair.EncodedName.Span.SequenceEqual(ImageLinks.Signature))
                (signature, isSigned) = (pair.EncodedValue, true);
            else if (pair.EncodedName.Span.SequenceEqual(ImageLinks.Expires) && !long.TryParse(pair.EncodedValue.Span, NumberStyles.None, CultureInfo.InvariantCulture, out expires))
                expires = -1;
        }
        return isSigned;
    }
}

/// <summary>The request came by a link that holds.</summary>
/// <param name="SecondsLeft">Until it does no more; at least 1.</param>
internal sealed record GoodLink(long SecondsLeft);
