using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Catalogue;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.Automatic1111;

/// <summary>
/// Answers <c>options</c>. A client can choose the model of its key; the other options are fixed, because the service is shared. Clients
/// send back the whole answer with one member changed, so an option with its own value is accepted.
/// </summary>
internal sealed class WebUiOptions(ModelCatalogue models, ChosenModels chosen)
{
    private const string Model = "sd_model_checkpoint";

    private static JsonObject Of(string model) => new()
    {
        [Model] = model,
        ["sd_checkpoint_hash"] = "",
        ["sd_vae"] = "Automatic",
        ["CLIP_stop_at_last_layers"] = 1,
        ["samples_format"] = "png",
        ["samples_save"] = true,
        ["return_grid"] = false,
        ["grid_save"] = false,
        ["enable_pnginfo"] = true,
        ["eta_noise_seed_delta"] = 0,
        ["img2img_color_correction"] = false,
        ["live_previews_enable"] = false,
        ["show_progress_every_n_steps"] = 0,
    };

    public Task GetAsync(HttpContext context) => WriteAsync(context, Of(chosen.Of(context.Caller().AccountId)));

    public async Task SetAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.FewBytes, context.RequestAborted);
        if (body.ValueKind != JsonValueKind.Object)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "$", "the body must be a JSON object of options.");
        var account = context.Caller().AccountId;
        var shown = JsonElement.Parse(Of(chosen.Of(account)).ToJsonString());
        var errors = new MemberErrors();
        JsonTexts.Check(body, errors);
        errors.ThrowIfAny();
        JsonTexts.CheckDuplicates(body, errors);
        string? model = null;
        foreach (var option in body.EnumerateObject())
        {
            if (option.Name == Model && option.Value.ValueKind == JsonValueKind.String)
                model = option.Value.GetString();
            else if (!(shown.TryGetProperty(option.Name, out var value) && CanonicalJson.AreEqual(value, option.Value)))
                errors.Add(MemberErrors.Shorten(option.Name), Refusal(option.Name));
        }
        errors.ThrowIfAny();
        if (!string.IsNullOrWhiteSpace(model))
            chosen.Choose(account, await CheckedAsync(model, context.RequestAborted));
        // The web UI answers with null.
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, "null"u8.ToArray());
    }

    private static string Refusal(string name) => name == Model
        ? $"'{Model}' must be a string: a title from GET /sdapi/v1/sd-models, or owner/name."
        : $"'{MemberErrors.Shorten(name)}' can't be set here: the service is shared, and only '{Model}' can be chosen for a key. Put "
            + "settings of one request into its 'override_settings'.";

    private async Task<string> CheckedAsync(string model, CancellationToken cancellationToken)
    {
        try
        {
            var resolved = await models.ResolveAsync(model, cancellationToken);
            return resolved.MayMakeImages ? model : throw GenApiException.ForMember(
                ErrorKind.InvalidInput, Model, WebUiImages.NoImages(model));
        }
        catch (GenApiException refusal)
        {
            throw refusal.At(Model);
        }
    }

    private static Task WriteAsync(HttpContext context, JsonObject options)
    {
        context.Response.Headers.CacheControl = "private, no-cache";
        return JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, Encoding.UTF8.GetBytes(options.ToJsonString()));
    }
}
