using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Generations;
using GenApi.Core.Models.Schemas;
using GenApi.Doors.Repeats;
using Microsoft.Extensions.Options;

namespace GenApi.Doors.OpenAi;

/// <summary>Makes the requests that one call becomes: one for each image.</summary>
internal sealed class ImagesRequests(IOptions<GenerationOptions> options)
{
    /// <summary>See <see cref="Generation.Door"/>.</summary>
    public const string Door = "openai";

    /// <param name="context">The HTTP request.</param>
    /// <param name="call">What it asks for.</param>
    /// <param name="body">
    /// The body, by which a repeat is recognised. For a form, an object that holds the same for the same form.
    /// </param>
    public IReadOnlyList<GenerationRequest> Of(HttpContext context, ImagesCall call, JsonElement body)
    {
        var own = call.Input.OwnInput();
        var directives = CacheDirectives.Of(context.Request);
        var fingerprint = RepeatFingerprint.Of(
            context.Caller().AccountId, directives.AddTo(context.Request.Path.Value ?? ""), JsonMarshal.GetRawUtf8Value(body));
        var cache = directives.NoCache ? CacheMode.Refresh : call.Cache;
        var requests = new GenerationRequest[call.Count];
        for (var at = 0; at < requests.Length; at++)
        {
            var common = call.Seed is { } seed && at > 0
                ? call.Input.CommonWith((CommonNames.Seed, SeedAt(call.Input.Model, seed, at)))
                : call.Input.Common;
            requests[at] = DoorRequest.For(context, Door, call.Model, common, own, call.User, fingerprint, at) with
            {
                Cache = ForOneOfMany(cache, call, at),
                OnlyIfCached = directives.OnlyIfCached,
            };
        }
        return requests;
    }

    /// <summary>Without a seed, a stored answer to one of several equal requests would answer all of them, with one image.</summary>
    private CacheMode? ForOneOfMany(CacheMode? cache, ImagesCall call, int at) =>
        at > 0 && call.Seed is null && (cache ?? options.Value.DefaultCache) == CacheMode.Reuse ? CacheMode.Auto : cache;

    /// <summary>The next seeds, or those before if the model's range ends.</summary>
    private static JsonElement SeedAt(ResolvedModel model, long seed, int at)
    {
        var most = model.Input.SlotOfCommon(CommonNames.Seed) is var slot and >= 0 ? model.Input.Properties[slot].Rule.Maximum : null;
        var next = (decimal)seed + at <= Math.Min(most ?? long.MaxValue, long.MaxValue) ? seed + at : seed - at;
        return JsonElement.Parse(next.ToString(CultureInfo.InvariantCulture));
    }
}
