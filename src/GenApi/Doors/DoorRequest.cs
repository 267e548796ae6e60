using System.Text.Json;
using GenApi.Accounts;
using GenApi.Accounts.Entrance;
using GenApi.Core.Generations;
using GenApi.Doors.Repeats;
using GenApi.Generations;

namespace GenApi.Doors;

/// <summary>Makes the request to the service from what a door has read.</summary>
internal static class DoorRequest
{
    /// <param name="context">The HTTP request.</param>
    /// <param name="door">See <see cref="Generation.Door"/>.</param>
    /// <param name="model">An alias, <c>owner/name</c> or <c>owner/name:version</c>; null: the default model.</param>
    /// <param name="common">Inputs by their common names.</param>
    /// <param name="input">Inputs by the model's own names; undefined: none.</param>
    /// <param name="user">The door's member <c>user</c>; null: none. See <see cref="EndUserReader"/>.</param>
    /// <param name="fingerprint">
    /// By what a repeat of the HTTP request is recognised (<see cref="RepeatFingerprint"/>); null: a repeat is another request.
    /// </param>
    /// <param name="index">Which of several generations of the HTTP request it is, from 0.</param>
    /// <exception cref="Core.Errors.GenApiException">
    /// InvalidRequest: <paramref name="user"/> or its headers are wrong, or an input holds the caller's key.
    /// </exception>
    public static GenerationRequest For(
        HttpContext context, string door, string? model, IReadOnlyDictionary<string, JsonElement> common, JsonElement input = default,
        string? user = null, Guid? fingerprint = null, int index = 0)
    {
        var caller = context.Caller();
        // What is made of it is stored, listed and shown.
        foreach (var (name, value) in common)
            KeyInBody.Refuse(context, value, $"$.{name}");
        KeyInBody.Refuse(context, input, "$.input");
        if (user is not null)
            KeyInBody.Refuse(context, JsonSerializer.SerializeToElement(user), "$." + EndUserReader.Member);
        return new()
        {
            OwnerId = caller.AccountId,
            Caller = caller,
            Door = door,
            EndUser = EndUserReader.Read(context, user),
            IdempotencyKey = fingerprint is { } whole
                ? IdempotencyHeader.Read(context.Request.Headers[IdempotencyHeader.Name], whole, index, caller.AccountId)
                : null,
            Repeat = fingerprint is { } known
                ? new(known, index, RepeatFingerprint.IsMarked(context.Request), context.PendingAnswer())
                : null,
            Model = model,
            Common = common,
            Input = input,
        };
    }
}
