using GenApi.Core.Errors;
using GenApi.Core.Persistence;

namespace GenApi.Hosting;

/// <summary>An id in a path.</summary>
internal static class RouteId
{
    /// <exception cref="GenApiException">NotFound: it is no id of ours.</exception>
    public static Guid Parse(string prefix, string text, string thing) => PublicId.TryParse(prefix, text, out var id) ? id : throw Unknown(thing);

    public static GenApiException Unknown(string thing) => new(ErrorKind.NotFound, $"There is no such {thing}.");
}
