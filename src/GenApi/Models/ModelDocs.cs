using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;
using Microsoft.OpenApi;

namespace GenApi.Models;

/// <summary>What the API document says about these routes.</summary>
internal static class ModelDocs
{
    private const string Tag = ApiTags.Models;
    private const string ETag = "Changes when something in the answer does.";

    private const string AboutModel = "Its inputs as a JSON Schema, which common names it takes, an example run, and a body for `POST /generate` that it takes as it is. "
        + "A model that is known is told from here, whether Replicate answers or not.";

    private const string AboutVersions = "Newest first, read from Replicate. Official models have none to choose from and list none.";

    public static void DocumentList(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListModels", Tag, "List the aliases, or search for models",
            "Each with its price, whether it is warm, and how long its runs take. Without `q` the aliases, by name. With it the aliases whose name, model or description has every word, then what Replicate's search finds; its results that are known to make no images are left out. "
            + "When Replicate can't be asked the aliases come all the same, and `search` says so. Any model found can be named as `owner/name`.")
        .Query("q", JsonSchemaType.String, "Words to look for; at most 200 characters.")
        .Query("limit", JsonSchemaType.Integer, "1 to 100; 100 when absent. Replicate's search gives 50 at most.")
        .Query("cursor", JsonSchemaType.String, "`next_cursor` of the page before; not with `q`.")
        .Answer<ModelListContract>(200, "A page.", ("ETag", ETag))
        .Answer(304, "Nothing has changed.")
        .Problems(ErrorKind.InvalidRequest);

    public static void DocumentGetByAlias(this RouteHandlerBuilder route) =>
        Get(new OperationDocs(route).Is("GetModelByAlias", Tag, "Get a model by its alias", AboutModel).Path("alias", "A short name such as `sdxl`; capital letters do not matter."));

    public static void DocumentGetByName(this RouteHandlerBuilder route) =>
        Get(Named(new OperationDocs(route).Is("GetModel", Tag, "Get a model", AboutModel + " With a version it is told of that version.")));

    public static void DocumentVersionsByAlias(this RouteHandlerBuilder route) =>
        Versions(new OperationDocs(route).Is("ListModelVersionsByAlias", Tag, "List the versions of a model by its alias", AboutVersions).Path("alias", "A short name such as `sdxl`."));

    public static void DocumentVersionsByName(this RouteHandlerBuilder route) =>
        Versions(Named(new OperationDocs(route).Is("ListModelVersions", Tag, "List the versions of a model", AboutVersions)));

    private static OperationDocs Named(OperationDocs docs) => docs
        .Path("owner", "Such as `stability-ai`.")
        .Path("name", "Such as `sdxl`, or `sdxl:` and a version of 64 hexadecimal digits.");

    private static void Get(OperationDocs docs) => Asked(docs
        .Header("If-None-Match", "An `ETag` from before.")
        .Answer<ModelDetailsContract>(200, "The model.", ("ETag", ETag))
        .Answer(304, "Nothing has changed."));

    private static void Versions(OperationDocs docs) => Asked(docs
        .Query("cursor", JsonSchemaType.String, "`next_cursor` of the page before.")
        .Answer<CursorPage<ModelVersionContract>>(200, "A page.", ("ETag", ETag))
        .Answer(304, "Nothing has changed."));

    private static void Asked(OperationDocs docs) => docs.Problems(
        ErrorKind.InvalidRequest, ErrorKind.UnknownModel, ErrorKind.UpstreamBadAnswer, ErrorKind.UpstreamUnavailable, ErrorKind.UpstreamUnauthorized, ErrorKind.UpstreamRateLimited);
}
