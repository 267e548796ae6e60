using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Uploads;
using GenApi.Doors.Repeats;
using GenApi.Generations;
using GenApi.Hosting.Requests;
using Microsoft.Extensions.Options;

namespace GenApi.Doors.Automatic1111;

/// <summary>Answers <c>txt2img</c> and <c>img2img</c>. Each image is a generation, with the seed after that of the one before.</summary>
internal sealed class WebUiImages(
    ModelCatalogue models, ChosenModels chosen, DoorFiles files, DoorRuns runs, WebUiJobs jobs, WebUiAnswer answer,
    IOptions<GenerationOptions> options)
{
    public const string Door = "automatic1111";

    private const string Model = "override_settings.sd_model_checkpoint", Sources = "init_images", Mask = "mask";

    public Task TextToImageAsync(HttpContext context) => AnswerAsync(context, isFromImage: false);

    public Task ImageToImageAsync(HttpContext context) => AnswerAsync(context, isFromImage: true);

    private async Task AnswerAsync(HttpContext context, bool isFromImage)
    {
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.MostBytes, hasBareFiles: true, context.RequestAborted);
        var request = WebUiRequestReader.Read(body, isFromImage);
        var account = context.Caller().AccountId;
        var name = request.Model ?? chosen.Of(account);
        var model = await ResolveAsync(name, context.RequestAborted);
        var (source, mask) = await StoreAsync(request, model, account, context.RequestAborted);
        var inputs = WebUiInputs.Of(request, model, source, mask);
        // A request that names no model is another one once the key has chosen another.
        var repeat = RepeatFingerprint.Of(account, $"{context.Request.Path} {name}", JsonMarshal.GetRawUtf8Value(body));
        var submitted = await SubmitAsync(context, request, inputs, name, repeat);
        if (request is { KeepsModel: true, Model: { } kept })
            chosen.Choose(account, kept);
        var outcome = await EndAsync(context, account, submitted);
        context.Response.Headers[CacheStatusHeader.Name] = CacheStatusHeader.Of(submitted[0].Submission!);
        await answer.WriteAsync(context, request, inputs, name, outcome);
    }

    private async Task<DoorOutcome> EndAsync(HttpContext context, Guid account, IReadOnlyList<DoorRun> submitted)
    {
        var job = jobs.Begin(account, [.. submitted.Select(run => run.Submission?.Details.Generation.Id).OfType<Guid>()]);
        try
        {
            var outcome = await runs.EndAsync(context, submitted);
            jobs.End(account, job);
            return outcome;
        }
        catch (OperationCanceledException)
        {
            jobs.Leave(job);
            throw;
        }
        catch
        {
            jobs.End(account, job);
            throw;
        }
    }

    private async Task<IReadOnlyList<DoorRun>> SubmitAsync(
        HttpContext context, WebUiRequest request, WebUiInputs inputs, string name, Guid repeat)
    {
        var own = inputs.Input.OwnInput();
        // Without a seed, a stored answer to one of several equal requests would answer all of them, with one image.
        CacheMode? ofFurther = request.Seed is null && options.Value.DefaultCache == CacheMode.Reuse ? CacheMode.Auto : null;
        try
        {
            return await runs.SubmitAsync(
                context,
                [
                    .. Enumerable.Range(0, request.Count)
                        .Select(index => DoorRequest.For(
                            context, Door, name, inputs.Common(request.Seed, index), own, fingerprint: repeat, index: index) with
                        {
                            Cache = index > 0 ? ofFurther : null,
                        }),
                ]);
        }
        catch (GenApiException refusal)
        {
            throw inputs.Input.InSentNames(refusal);
        }
    }

    private async Task<ResolvedModel> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var model = await models.ResolveAsync(name, cancellationToken);
            return model.MayMakeImages ? model : throw GenApiException.ForMember(ErrorKind.InvalidInput, Model, NoImages(name));
        }
        catch (GenApiException refusal)
        {
            throw refusal.At(Model);
        }
    }

    /// <summary>Explains why a model can't be used at this door.</summary>
    public static string NoImages(string name) =>
        $"'{name}' makes no images, and this door answers with images only. GET /sdapi/v1/sd-models lists models that do; POST /generate "
        + "runs models of every kind.";

    /// <summary>Stores the images of the request.</summary>
    /// <returns>The inputs <c>image</c> and <c>mask</c>; undefined where there is none.</returns>
    private async Task<(JsonElement Source, JsonElement Mask)> StoreAsync(
        WebUiRequest request, ResolvedModel model, Guid account, CancellationToken cancellationToken)
    {
        if (request.Sources.Count == 0)
            return default;
        // Refused before anything is stored.
        DoorSources.Of(Sources, request.Sources, model);
        var sources = new List<JsonElement>();
        foreach (var (index, source) in request.Sources.Index())
            sources.Add(await files.StoreTextAsync($"{Sources}[{index}]", source, account, cancellationToken));
        return (DoorSources.Of(Sources, sources, model), await MaskAsync(request, account, cancellationToken));
    }

    /// <summary>A mask with transparent pixels is repainted where it is opaque, as in the web UI.</summary>
    private async Task<JsonElement> MaskAsync(WebUiRequest request, Guid account, CancellationToken cancellationToken)
    {
        if (request.Mask.ValueKind == JsonValueKind.Undefined)
            return default;
        if (DoorFiles.IsNamed(request.Mask))
        {
            return !request.IsMaskInverted ? request.Mask : throw GenApiException.ForMember(
                ErrorKind.InvalidRequest, Mask,
                "must be base64 if 'inpainting_mask_invert' is 1: GenApi inverts only masks that it receives.");
        }
        using var bytes = new MemoryStream(DoorFiles.Decode(Mask, request.Mask), writable: false);
        var upload = await files.StoreAsync(Mask, bytes, account, cancellationToken);
        var mask = await files.MaskOfAsync(Mask, upload, AlphaMeaning.OpaqueIsPainted, account, cancellationToken) ?? upload;
        return DoorFiles.IdOf(request.IsMaskInverted ? await files.InvertAsync(Mask, mask, account, cancellationToken) : mask);
    }
}
