using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;

namespace GenApi.Doors.Replicate.Catalogue;

/// <summary>
/// Answers the routes of Replicate that have no counterpart here. The problem says what to do instead, with a status that no client
/// repeats.
/// </summary>
internal static class AbsentRoutes
{
    private const string Deployments = "GenApi has no deployments. Run the model by its name with POST "
        + "/models/{owner}/{name}/predictions, or a version of it with POST /predictions.";

    private const string Trainings = "GenApi starts no trainings and shows none. Train at Replicate, and run the new version here with "
        + "POST /predictions.";

    private const string Models = "Models can't be made, changed or deleted through GenApi. Do it at Replicate; the model can be named "
        + "here as soon as it exists.";

    private static readonly string[] All = ["GET", "POST", "PATCH", "DELETE"];

    public static void MapAbsent(this RouteGroupBuilder door)
    {
        foreach (var path in new[] { "/deployments", "/deployments/{owner}/{name}", "/deployments/{owner}/{name}/predictions" })
            Map(door, path, All, ErrorKind.NotFound, Deployments);
        foreach (var path in new[] { "/trainings", "/trainings/{id}", "/trainings/{id}/cancel" })
            Map(door, path, All, ErrorKind.NotFound, Trainings);
        Map(door, "/models/{owner}/{name}/versions/{version}/trainings", ["POST"], ErrorKind.NotFound, Trainings);
        Map(door, "/models", ["POST"], ErrorKind.Forbidden, Models);
        Map(door, "/models/{owner}/{name}", ["PATCH", "DELETE"], ErrorKind.Forbidden, Models);
        Map(door, "/models/{owner}/{name}/versions/{version}", ["DELETE"], ErrorKind.Forbidden, Models);
    }

    private static void Map(RouteGroupBuilder door, string path, string[] methods, ErrorKind kind, string sentence) =>
        door.MapMethods(path, methods, (RequestDelegate)(_ => throw new GenApiException(kind, sentence))).Needs(KeyRights.Read);
}
