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
    /// <summary>What is left of <c>&amp;amp;</c> when a query is split.</summary>
    private const string Escape = "amp;";

    /// <summary>See <see cref="LinkRule"/>: a link that holds leaves a <see cref="GoodLink"/> with the request.</summary>
    public bool Read(HttpContext context, out GenApiException? refusal)
    {
        refusal = null;
        if (!context.Request.QueryString.HasValue
            || !TryRead(context.Request.QueryString.Value, out var expires, out var signature, out var isEscaped))
            return false;
        // What is no such id has nothing that could be linked to.
        if (OutputId.Parse(prefix, context.Request.RouteValues["id"] as string ?? "") is not { } id)
            return false;
        var left = expires - time.GetUtcNow().ToUnixTimeSeconds();
        if (isEscaped)
        {
            refusal = new GenApiException(
                ErrorKind.Forbidden, $"The link to the {Word} is escaped for HTML. Write & in the place of each &amp;.");
        }
        else if (!links.IsOurs(id, expires, signature.Span))
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

    /// <param name="query">As it came.</param>
    /// <param name="expires">In Unix seconds; -1: it can't be read.</param>
    /// <param name="signature">Empty where there is none.</param>
    /// <param name="isEscaped">Whether a parameter of ours stands behind <c>&amp;amp;</c>, as in the source of a page.</param>
    /// <returns>False when neither parameter of a link is there. A link that lost one of them on its way is a broken one.</returns>
    private static bool TryRead(string? query, out long expires, out ReadOnlyMemory<char> signature, out bool isEscaped)
    {
        (expires, signature, isEscaped) = (0, default, false);
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
            else if (!long.TryParse(pair.EncodedValue.Span, NumberStyles.None, CultureInfo.InvariantCulture, out expires))
                expires = -1;
            isLink = true;
            isEscaped |= isBehindEscape;
        }
        return isLink;
    }
}

/// <summary>The request came by a link that holds.</summary>
/// <param name="SecondsLeft">Until it does no more; at least 1.</param>
internal sealed record GoodLink(long SecondsLeft);
