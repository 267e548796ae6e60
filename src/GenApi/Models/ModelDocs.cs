using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;

namespace GenApi.Models;

/// <summary>Describes these routes in the API document.</summary>
internal static class ModelDocs
{
    private const string Tag = ApiTags.Models;
    private const string ETag = "Changes whenever the answer changes.";

    private const string AboutModel = "Returns its inputs as a JSON Schema, the common names it takes, an example run, and a body for "
        + "`POST /generate` that the model takes as it is. "
        + "A known model is answered from the database, whether Replicate answers or not.";

    private const string AboutVersions = "Newest first, read from Replicate each time. Official models offer no choice of versions, and "
        + "their list is empty.";

    public static void DocumentList(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListModels", Tag, "List the aliases, or search for models",
            "Lists the aliases by name, each with its price, whether it is warm, and how long its runs take. With `q`, returns the "
                + "aliases that match every word, then the results of Replicate's search, without models that are known to make no "
                + "images. "
            + "If Replicate can't be reached, the aliases are still returned, and `search` says so. Any model found can be named as "
            + "`owner/name`.")
        .Query(ModelListQuery.ModelParameters)
        .Answer<ModelListContract>(200, "One page.", ("ETag", ETag))
        .Answer(304, "Nothing has changed.")
        .Problems(ErrorKind.InvalidRequest);

    public static void DocumentGetByAlias(this RouteHandlerBuilder route) =>
        Get(new OperationDocs(route).Is("GetModelByAlias", Tag, "Get a model by its alias", AboutModel).Path("alias",
            "A short name such as `sdxl`, in any case."));

    public static void DocumentGetByName(this RouteHandlerBuilder route) =>
        Get(Named(new OperationDocs(route).Is("GetModel", Tag, "Get a model", AboutModel + "A version in the path selects that version.")));

    public static void DocumentVersionsByAlias(this RouteHandlerBuilder route) =>
        Versions(new OperationDocs(route).Is("ListModelVersionsByAlias", Tag, "List the versions of a model by its "
            + "alias", AboutVersions).Path("alias", "A short name such as `sdxl`."));

    public static void DocumentVersionsByName(this RouteHandlerBuilder route) =>
        Versions(Named(new OperationDocs(route).Is("ListModelVersions", Tag, "List the versions of a model", AboutVersions)));

    private static OperationDocs Named(OperationDocs docs) => docs
        .Path("owner", "Such as `stability-ai`.")
        .Path("name", "Such as `sdxl`, or `sdxl:` followed by a version of 64 hexadecimal digits.");

    private static void Get(OperationDocs docs) => Asked(docs
        .Header("If-None-Match", "An earlier `ETag`.")
        .Answer<ModelDetailsContract>(200, "The model.", ("ETag", ETag))
        .Answer(304, "Nothing has changed."));

    private static void Versions(OperationDocs docs) => Asked(docs
        .Query(ModelListQuery.VersionParameters)
        .Answer<CursorPage<ModelVersionContract>>(200, "One page.", ("ETag", ETag))
        .Answer(304, "Nothing has changed."));

    private static void Asked(OperationDocs docs) => docs.Problems(
        ErrorKind.InvalidRequest, ErrorKind.UnknownModel, ErrorKind.UpstreamBadAnswer, ErrorKind.UpstreamUnavailable,
        ErrorKind.UpstreamUnauthorized, ErrorKind.UpstreamRateLimited);
}
