using GenApi.Core.Errors;
using GenApi.Core.Persistence;

namespace GenApi.Hosting;

/// <summary>Reads an id in a path.</summary>
internal static class RouteId
{
    private const string Usual = "id";

    /// <param name="prefix">The prefix of the ids on this route.</param>
    /// <param name="text">The part of the path.</param>
    /// <param name="thing">The noun for the resource.</param>
    /// <param name="part">The name of the part of the path.</param>
    /// <exception cref="GenApiException">NotFound: the text is not an id of this kind. The message says why, if that is known.</exception>
    public static Guid Parse(string prefix, string text, string thing, string part = Usual) =>
        PublicId.TryParse(prefix, text, out var id) ? id : throw Malformed(prefix, text, thing, part);

    public static GenApiException Unknown(string thing) => new(ErrorKind.NotFound, Sentence(thing));

    /// <summary>Returns the refusal for a text that can't be an id of this kind.</summary>
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
            return $"Ids are lower case: {text.ToLowerInvariant()}.";
        if (PublicId.KindOf(text) is not { } kind)
            return $"An id here is {prefix} and {PublicId.Digits} characters, as in answers.";
        return text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            ? $"This id is incomplete: it is {prefix} and {PublicId.Digits} digits and lower-case letters (no i, l, o, u)."
            : $"This is the id of {kind}; {RouteOf(text)}. An id here begins with {prefix}.";
    }

    /// <summary>Names the route for an id of this kind.</summary>
    private static string RouteOf(string text) => text[..PublicId.Generation.Length].ToLowerInvariant() switch
    {
        PublicId.Generation => "GET /generations/{id} takes it",
        PublicId.Image => "GET /images/{id} gives the image, GET /images/{id}/info its generation",
        PublicId.File => "GET /files/{id} gives its bytes, GET /files/{id}/info its generation",
        PublicId.Upload => "GET /uploads/{id} takes it",
        PublicId.Batch => "GET /v1/images/generations/{id} takes it",
        PublicId.Message => "GET /generations/{id}/deliveries lists it",
        _ => "GET /accounts/keys/{id} takes it",
    };
}
