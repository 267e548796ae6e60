using System.Diagnostics.CodeAnalysis;
using GenApi.Core.Errors;

namespace GenApi.Core.Models;

/// <summary>What a caller may write for a model: an alias, <c>owner/name</c> or <c>owner/name:version</c>.</summary>
/// <param name="Owner">Null for an alias.</param>
/// <param name="Name">The model's name, or the alias.</param>
/// <param name="Version">64 lower-case hexadecimal digits; null where none is named.</param>
internal sealed record ModelReference(string? Owner, string Name, string? Version)
{
    internal const string Allowed = "an alias, owner/name, or owner/name:version with a version of 64 hexadecimal digits";
    internal const int LongestPart = 100;
    internal const int VersionDigits = 64;

    public bool IsAlias => Owner is null;

    /// <exception cref="GenApiException">InvalidRequest at <c>$.model</c>: the text has none of the three forms.</exception>
    public static ModelReference Parse(string text) => TryParse(text, out var reference)
        ? reference
        : throw GenApiException.ForMember(ErrorKind.InvalidRequest, "$.model", $"must be {Allowed}.");

    public static bool TryParse(string? text, [NotNullWhen(true)] out ModelReference? reference)
    {
        reference = null;
        if (text is null)
            return false;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            if (IsPart(text))
                reference = new ModelReference(null, text, null);
            return reference is not null;
        }
        var colon = text.IndexOf(':', slash);
        var owner = text[..slash];
        var name = colon < 0 ? text[(slash + 1)..] : text[(slash + 1)..colon];
        var version = colon < 0 ? null : text[(colon + 1)..];
        if (!IsPart(owner) || !IsPart(name) || version is not null && !IsVersion(version))
            return false;
        reference = new ModelReference(owner, name, version?.ToLowerInvariant());
        return true;
    }

    /// <summary>The one spelling of this reference, which parses to it again.</summary>
    public override string ToString() => (Owner, Version) switch
    {
        (null, _) => Name,
        (_, null) => $"{Owner}/{Name}",
        _ => $"{Owner}/{Name}:{Version}",
    };

    // A part stands in a URL of the upstream: nothing that a path could be bent with, so no "..", no '%', no second '/'.
    private static bool IsPart(string text) => text.Length is > 0 and <= LongestPart && char.IsAsciiLetterOrDigit(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private static bool IsVersion(string text) => text.Length == VersionDigits && text.All(char.IsAsciiHexDigit);
}
