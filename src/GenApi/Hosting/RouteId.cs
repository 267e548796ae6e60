using GenApi.Core.Errors;
using GenApi.Core.Persistence;

namespace GenApi.Hosting;

/// <summary>An id in a path.</summary>
internal static class RouteId
{
    private const string Usual = "id";

    /// <param name="prefix">Of the ids that the path takes.</param>
    /// <param name="text">As it came.</param>
    /// <param name="thing">What they are ids of.</param>
    /// <param name="part">The part of the path.</param>
    /// <exception cref="GenApiException">NotFound: it is no id of ours, and says why where that can be seen.</exception>
    public static Guid Parse(string prefix, string text, string thing, string part = Usual) =>
        PublicId.TryParse(prefix, text, out var id) ? id : throw Malformed(prefix, text, thing, part);

    public static GenApiException Unknown(string thing) => new(ErrorKind.NotFound, Sentence(thing));

    /// <summary>For a text that can't be an id of this kind.</summary>
    /// <inheritdoc cref="Parse"/>
    public static GenApiException Malformed(string prefix, string text, string thing, string part = Usual)
    {
        var hint = Hint(prefix, text);
        return new(ErrorKind.NotFound, $"{Sentence(thing)} {hint}") { Errors = new Dictionary<string, string[]> { [part] = [hint] } };
    }

    private static string Sentence(string thing) => $"There is no such {thing}.";

    private static string Hint(string prefix, string text)
    {
        if (PublicId.TryParse(prefix, text.ToLowerInvariant(), out _))
            return $"Ids are in lower case: {text.ToLowerInvariant()}.";
        if (PublicId.KindOf(text) is not { } kind)
            return $"An id here is {prefix} and {PublicId.Digits} characters, as answers give it.";
        return text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            ? $"This id is not whole: it is {prefix} and {PublicId.Digits} digits and lower-case letters (no i, l, o, u)."
            : $"This is the id of {kind}; {Place(text)}. An id here begins with {prefix}.";
    }

    /// <summary>Where an id of this kind belongs.</summary>
    private static string Place(string text) => text[..PublicId.Generation.Length].ToLowerInvariant() switch
    {
        PublicId.Generation => "GET /generations/{id} takes it",
        PublicId.Image => "GET /images/{id} gives the picture, GET /images/{id}/info its generation",
        PublicId.File => "GET /files/{id} gives its bytes, GET /files/{id}/info its generation",
        PublicId.Upload => "GET /uploads/{id} takes it",
        PublicId.Message => "GET /generations/{id}/deliveries lists it",
        _ => "GET /accounts/keys/{id} takes it",
    };
}
