using System.Diagnostics.CodeAnalysis;
using GenApi.Core.Errors;

namespace GenApi.Core.Models;

/// <summary>
/// A caller's reference to a model: an alias, <c>owner/name</c> or <c>owner/name:version</c>, or the address of the model's page. It is
/// stored in lower case, so that one model has one name: the upstream's names, which are also names of container images, have no capital
/// letters.
/// </summary>
/// <param name="Owner">Null for an alias.</param>
/// <param name="Name">The model's name, or the alias.</param>
/// <param name="Version">64 lower-case hexadecimal digits; null if none is named.</param>
internal sealed record ModelReference(string? Owner, string Name, string? Version)
{
    /// <summary>The JSON path of the model in a body, used in refusals.</summary>
    public const string Member = "$.model";

    internal const string Allowed =
        "an alias, owner/name, owner/name:version with a version of 64 hexadecimal digits, "
            + "or the address of a model's page on replicate.com";

    internal const int LongestPart = 100;
    internal const int VersionDigits = 64;

    public bool IsAlias => Owner is null;

    /// <summary>The same model without the version.</summary>
    public ModelReference Unpinned => this with { Version = null };

    /// <exception cref="GenApiException">InvalidRequest at <c>$.model</c>: the text has none of these forms.</exception>
    public static ModelReference Parse(string text)
    {
        if (TryParse(text, out var reference))
            return reference;
        var hint = ModelAddress.IsAddress(text) ? " This address is not a model's page." : "";
        throw GenApiException.ForMember(ErrorKind.InvalidRequest, Member, $"must be {Allowed}.{hint}");
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out ModelReference? reference)
    {
        reference = null;
        if (text is null || !ModelAddress.TryRead(text, out var parts))
            return false;
        var (owner, name, version) = parts;
        if (owner is not null && !IsPart(owner) || !IsPart(name) || version is not null && !IsVersion(version))
            return false;
        reference = new ModelReference(owner?.ToLowerInvariant(), name.ToLowerInvariant(), version?.ToLowerInvariant());
        return true;
    }

    /// <summary>Returns whether the text is only a version, which does not identify its model.</summary>
    public static bool IsVersion(string text) => text.Length == VersionDigits && text.All(char.IsAsciiHexDigit);

    /// <summary>Writes the one spelling of this reference; parsing it returns the same reference.</summary>
    public override string ToString() => (Owner, Version) switch
    {
        (null, _) => Name,
        (_, null) => $"{Owner}/{Name}",
        _ => $"{Owner}/{Name}:{Version}",
    };

    // A part becomes part of an upstream URL, so it must not change a path: no "..", no '%', no second '/'.
    private static bool IsPart(string text) => text.Length is > 0 and <= LongestPart && char.IsAsciiLetterOrDigit(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');
}
