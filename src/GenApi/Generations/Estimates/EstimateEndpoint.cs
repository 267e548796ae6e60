using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Service;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;
using GenApi.Hosting.Requests;

namespace GenApi.Generations.Estimates;

/// <summary>POST /generate/estimate: reads the body of POST /generate and says what it would get and cost.</summary>
internal sealed class EstimateEndpoint(GenerationService service, GenerationEndpoints generations)
{
    public async Task PostAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.MostBytes, context.RequestAborted);
        var caller = context.Caller();
        var estimate = await service.EstimateAsync(generations.Request(context, body, answer: null), caller, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        var json = JsonSerializer.SerializeToUtf8Bytes(
            EstimateContract.Of(estimate, caller.SeesAll), EstimateJsonContext.Answers.EstimateContract);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }
}

/// <summary>Describes the route in the API document.</summary>
internal static class EstimateDocs
{
    public static void DocumentEstimate(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("EstimateGeneration", ApiTags.Generations, "Learn what a request would cost",
            "Takes the body of `POST /generate` and answers with what that would get and cost now: the checked input, whether a stored "
                + "answer serves it, the expected cost and the worst case, the usual time, and what is left of each budget. Nothing is "
                + "stored, reserved or sent; only a model that is not known yet is looked up at the upstream. "
            + "A request that `POST /generate` would refuse gets the same problem here, except `budget_exhausted`, which `fits` reports.")
        .Header(IdempotencyHeader.Name, "As for `POST /generate`: a key that was used there is recognised, and this request uses up none.")
        .Header("Cache-Control", "`no-cache` and `only-if-cached`, as for `POST /generate`.")
        .Body<GenerateRequest>(
            ("sdxl", "SDXL, one image",
                """
                { "prompt": "an astronaut riding a horse on the moon, golden hour", "model": "sdxl", "width": 1024,
                  "height": 1024, "seed": 42 }
                """))
        .Answer<EstimateContract>(200, "The estimate. It holds for this moment only.")
        .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.UnpricedModel, ErrorKind.UnknownModel, ErrorKind.Conflict,
            ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType, ErrorKind.InvalidInput, ErrorKind.IdempotencyMismatch,
            ErrorKind.UpstreamBadAnswer, ErrorKind.UpstreamUnavailable, ErrorKind.UpstreamUnauthorized, ErrorKind.UpstreamRateLimited,
            ErrorKind.Overloaded, ErrorKind.UpstreamTimeout, ErrorKind.NotCached, ErrorKind.StorageFull);
}
