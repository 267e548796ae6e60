using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Generations;

namespace GenApi.Doors;

/// <summary>Makes the request to the service from what a door has read.</summary>
internal static class DoorRequest
{
    /// <param name="context">The HTTP request.</param>
    /// <param name="door">See <see cref="Generation.Door"/>.</param>
    /// <param name="model">An alias, <c>owner/name</c> or <c>owner/name:version</c>; null: the default model.</param>
    /// <param name="common">Inputs by their common names.</param>
    /// <param name="input">Inputs by the model's own names; undefined: none.</param>
    public static GenerationRequest For(
        HttpContext context, string door, string? model, IReadOnlyDictionary<string, JsonElement> common, JsonElement input = default)
    {
        var caller = context.Caller();
        return new()
        {
            OwnerId = caller.AccountId,
            Caller = caller,
            Door = door,
            Model = model,
            Common = common,
            Input = input,
        };
    }
}
