using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Uploads;
using GenApi.Uploads;

namespace GenApi.Doors.OpenAi.Edits;

/// <summary>POST /v1/images/edits and /v1/images/variations: images from images.</summary>
internal sealed class EditsEndpoint(
    ImagesCallReader reader, ImagesRequests requests, ImagesRoute route, EditForm form, EditJson json, DoorFiles files)
{
    /// <summary>The model whose image is its own mask where it is transparent, if no mask is sent.</summary>
    private const string MasksItself = "dall-e-2";

    /// <summary>Variations have no prompt, and models want one.</summary>
    private const string VariationPrompt = "A variation of this image";

    public Task EditAsync(HttpContext context) => AnswerAsync(context, isVariation: false);

    public Task VaryAsync(HttpContext context) => AnswerAsync(context, isVariation: true);

    private async Task AnswerAsync(HttpContext context, bool isVariation)
    {
        var parts = MultipartForm.Open(context.Request) is { } reading
            ? await form.ReadAsync(context, reading)
            : await json.ReadAsync(context);
        if (parts.Images.Count == 0)
        {
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, EditParts.ImageName,
                "is missing: send an image as the file 'image' of a form, or in 'images' of a JSON body.");
        }
        var call = await reader.ReadAsync(parts.Members, isEdit: true, parts.AreTexts, context.RequestAborted);
        var input = call.Input;
        if (isVariation)
            AddPrompt(parts, input);
        var first = parts.Images[0].Member;
        input.Set(CommonNames.Image, first, DoorSources.Of(first, [.. parts.Images.Select(image => image.Value)], input.Model));
        if (await MaskAsync(context, parts, input.Model) is { } mask)
            input.Set(CommonNames.Mask, EditParts.MaskName, mask);
        await route.AnswerAsync(context, call, requests.Of(context, call, parts.Identity));
    }

    private static void AddPrompt(EditParts parts, DoorInput input)
    {
        if (parts.Mask is not null)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, EditParts.MaskName, "a variation has no mask. Edits have one.");
        if (!input.Common.ContainsKey(CommonNames.Prompt) && InputTranslation.Takes(input.Model.Input, CommonNames.Prompt))
            input.Set(CommonNames.Prompt, "prompt", JsonSerializer.SerializeToElement(VariationPrompt, OpenAiJsonContext.Default.String));
    }

    /// <summary>OpenAI's masks are transparent where to edit, ours are white.</summary>
    /// <returns>Null if there is none.</returns>
    private async Task<JsonElement?> MaskAsync(HttpContext context, EditParts parts, ResolvedModel model)
    {
        var owner = context.Caller().AccountId;
        if (parts.Mask is null)
        {
            var masksItself = MasksItself.Equals(parts.Model, StringComparison.OrdinalIgnoreCase)
                && InputTranslation.Takes(model.Input, CommonNames.Mask);
            return masksItself && parts.Images[0] is { Upload: { } image, Member: var member }
                && await files.MaskOfAsync(member, image, AlphaMeaning.TransparentIsPainted, owner, context.RequestAborted) is { } own
                    ? DoorFiles.IdOf(own)
                    : null;
        }
        if (parts.Mask.Upload is not { } mask)
        {
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, EditParts.MaskName,
                "must be sent as a file, a data URI or the id of an upload: GenApi reads its transparency.");
        }
        var made = await files.MaskOfAsync(EditParts.MaskName, mask, AlphaMeaning.TransparentIsPainted, owner, context.RequestAborted);
        return made is not null ? DoorFiles.IdOf(made) : throw GenApiException.ForMember(ErrorKind.InvalidRequest, EditParts.MaskName,
            "has no transparent pixels, and those are what is edited. Send a PNG or WebP that is transparent where to edit; POST /generate "
            + "takes black-and-white masks.");
    }
}
