using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;

namespace GenApi.Doors;

/// <summary>Makes the input <c>image</c> of one source image or several.</summary>
internal static class DoorSources
{
    /// <param name="member">The client's name of the member, for refusals.</param>
    /// <param name="images">At least one link or id.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="GenApiException">InvalidRequest: there are several, and the model takes one.</exception>
    public static JsonElement Of(string member, IReadOnlyList<JsonElement> images, ResolvedModel model)
    {
        if (images.Count == 1)
            return images[0];
        var slot = model.Input.SlotOfCommon(CommonNames.Image);
        if (slot < 0 && model.Input.IsKnown)
            return images[0]; // The model takes no image at all. The service refuses that, and names a model that does.
        var rule = slot < 0 ? null : model.Input.Properties[slot].Rule;
        if (rule is not { Items: not null } && rule is not { IsArray: true })
        {
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, member,
                $"{model.Reference} takes one image, and {images.Count} were sent. Send one, or name a model that takes several.");
        }
        if (images.Count > rule.MaxItems)
        {
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, member,
                $"{model.Reference} takes at most {rule.MaxItems} images, and {images.Count} were sent.");
        }
        return JsonElement.Parse($"[{string.Join(',', images.Select(image => image.GetRawText()))}]");
    }
}
