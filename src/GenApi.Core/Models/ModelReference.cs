using System.Diagnostics.CodeAnalysis;
using GenApi.Core.Errors;

namespace GenApi.Core.Models;

/// <summary>
/// What a caller may write for a model: an alias, <c>owner/name</c> or <c>owner/name:version</c>, or the address of the model's page. All
/// of it is in lower case, so that one model has one name: capital letters do not occur in the upstream's names, which are names of
/// container images too.
/// </summary>
/// <param name="Owner">Null for an alias.</param>
/// <param name="Name">The model's name, or the alias.</param>
/// <param name="Version">64 lower-case hexadecimal digits; null where none is named.</param>
internal sealed record ModelReference(string? Owner, string Name, string? Version)
{
    /// <summary>The place of the model in a body, by which refusals of a model name it.</summary>
    public const string Member = "$.model";

    internal const string Allowed =
        "an alias, owner/name, owner/name:version with a version of 64 hexadecimal digits, or the address of a model's page on replicate.com";

    internal const int LongestPart = 100;
    internal const int VersionDigits = 64;

    public bool IsAlias => Owner is null;

    /// <summary>Without the version.</summary>
    public ModelReference Unpinned => this with { Version = null };

    /// <exception cref="GenApiException">InvalidRequest at <c>$.model</c>: the text has none of these forms.</exception>
    public static ModelReference Parse(string text)
    {
        if (TryParse(text, out var reference))
            return reference;
        var hint = ModelAddress.IsAddress(text) ? " This address is no model's page." : "";
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

    /// <summary>Whether the text is a version alone, which does not name its model.</summary>
    public static bool IsVersion(string text) => text.Length == VersionDigits && text.All(char.IsAsciiHexDigit);

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
}
