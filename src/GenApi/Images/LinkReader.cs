using System.Globalization;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.AspNetCore.WebUtilities;

namespace GenApi.Images;

/// <summary>
/// Reads the parameters of a link: <c>expires</c> and <c>sig</c> of one that ends by itself, <c>sig</c> alone of a lasting one. Requests
/// without a link are not delayed.
/// </summary>
internal sealed class LinkReader(ImageLinks links, LastingLinks lasting, TimeProvider time, string prefix)
{
    /// <summary>The seconds for which a cache may answer for a lasting link: a deleted image is gone from it within an hour.</summary>
    public const long LastingSeconds = 3600;

    /// <summary>The remainder of <c>&amp;amp;</c> after a query is split.</summary>
    private const string Escape = "amp;";

    /// <summary>Implements <see cref="LinkRule"/>: a valid link adds a <see cref="ValidLink"/> to the request.</summary>
    public bool Read(HttpContext context, out GenApiException? refusal)
    {
        refusal = null;
        if (!context.Request.QueryString.HasValue
            || !TryRead(context.Request.QueryString.Value, out var expires, out var signature, out var isEscaped))
            return false;
        // A text that is not an id has no link.
        if (OutputId.Parse(prefix, context.Request.RouteValues["id"] as string ?? "") is not { } id)
            return false;
        var left = expires is { } end ? end - time.GetUtcNow().ToUnixTimeSeconds() : LastingSeconds;
        if (isEscaped)
        {
            refusal = new GenApiException(
                ErrorKind.Forbidden, $"The link to the {Word} is escaped for HTML. Replace each &amp; by &.");
        }
        else if (!(expires is { } signed ? links.IsOurs(id, signed, signature.Span) : lasting.IsOurs(id, signature.Span)))
        {
            refusal = new GenApiException(
                ErrorKind.Forbidden,
                $"This service did not issue the link to the {Word}, or the link was changed, or the operator has ended it. Its "
                + "generation has a new link.");
        }
        else if (left <= 0)
            refusal = new GenApiException(ErrorKind.Forbidden, $"The link to the {Word} has expired. Its generation has a new link.");
        else if (prefix == PublicId.Image && DerivedQueryReader.AsksForSettings(context.Request.QueryString))
        {
            // A key beside the link is looked at then.
            refusal = new GenApiException(
                ErrorKind.Forbidden,
                "A link opens the image, not its settings. Send an API key to get the copy with 'metadata', or leave 'metadata' out.");
        }
        else
            context.Features.Set(new ValidLink(left));
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

    /// <param name="query">The raw query.</param>
    /// <param name="expires">The end of the link in Unix seconds; -1 if it can't be read. Null: the link is a lasting one.</param>
    /// <param name="signature">The signature; empty if there is none.</param>
    /// <param name="isEscaped">Whether <c>&amp;amp;</c> precedes a parameter, as in the source of a page.</param>
    /// <returns>False if the query has neither parameter of a link. A link without a signature is invalid.</returns>
    private static bool TryRead(string? query, out long? expires, out ReadOnlyMemory<char> signature, out bool isEscaped)
    {
        (expires, signature, isEscaped) = (null, default, false);
        var isLink = false;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.EncodedName.Span;
            var isBehindEscape = name.StartsWith(Escape);
            if (isBehindEscape)
                name = name[Escape.Length..];
            if (name.SequenceEqual(ImageLinks.Signature))
                signature = pair.EncodedValue;
            else if (!name.SequenceEqual(ImageLinks.Expires))
                continue;
            else
            {
                expires = long.TryParse(pair.EncodedValue.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var end) ? end : -1;
            }
            isLink = true;
            isEscaped |= isBehindEscape;
        }
        return isLink;
    }
}

/// <summary>The valid link of a request.</summary>
/// <param name="SecondsLeft">
/// The seconds until it expires, at least 1; for a lasting link <see cref="LinkReader.LastingSeconds"/>.
/// </param>
internal sealed record ValidLink(long SecondsLeft);
