using GenApi.Accounts;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Doors.Replicate;

/// <summary>The address and the ids of the Replicate door.</summary>
internal static class ReplicateDoor
{
    /// <inheritdoc cref="Core.Generations.Generation.Door"/>
    public const string Name = "replicate";

    /// <summary>Python's client adds <c>/v1</c> to its base URL, JavaScript's expects it there.</summary>
    public const string Prefix = "/replicate", Root = "/replicate/v1";

    /// <summary>
    /// The beginning of the paths of event streams whose output is files. JavaScript's client makes file objects only from a stream at
    /// exactly this path.
    /// </summary>
    public const string FileStreams = "/v1/files/";

    /// <summary>Returns the group of the door's routes: they take <c>Token</c> too, and show <c>ratelimit-*</c>.</summary>
    public static RouteGroupBuilder MapReplicateGroup(this IEndpointRouteBuilder routes) =>
        routes.MapGroup(Root).AlsoTakes(KeyScheme.Token).ShowsRemaining().ExcludeFromDescription();

    /// <summary>Returns the address of the door by which the caller came, without a slash at its end.</summary>
    public static string Address(HttpRequest request) => CallerAddress.Of(request) + Root;

    /// <summary>Returns the id of a prediction: that of its generation without the prefix, so it has the form of Replicate's.</summary>
    public static string PredictionId(Guid generation) => PublicId.Format("", generation);

    /// <summary>Reads the id of a prediction. The id of the generation itself is taken too.</summary>
    public static bool TryReadId(string text, out Guid generation) =>
        PublicId.TryParse("", text, out generation) || PublicId.TryParse(PublicId.Generation, text, out generation);
}
