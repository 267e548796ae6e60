using System.Text.Json.Nodes;

namespace GenApi.Tests.Chaos;

/// <summary>
/// Draws requests that look alike: a few prompts and seeds, in several sizes and counts, of several models. Most differ from another in
/// only one member, and many not at all.
/// </summary>
internal static class ChaosRequests
{
    /// <summary>One in this many requests accepts any answer; all others demand a separate picture.</summary>
    public const int Sharing = 5;

    private static readonly string[] Prompts =
    [
        "a red fox", "a red fox ", "a red fox in snow", "two red foxes", "a lighthouse", "a lighthouse at night", "一只红狐狸",
        "\"a fox\", said {owl}",
    ];

    private const string Sdxl = "stability-ai/sdxl", Latest = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";
    private const string Earlier = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";

    /// <summary>Three names of one version, and another version.</summary>
    private static readonly string[] SdxlNames = ["sdxl", Sdxl, $"{Sdxl}:{Latest}", $"{Sdxl}:{Earlier}"];

    /// <summary>Draws the request of a number. The same number always gives the same request.</summary>
    public static JsonObject Draw(ChaosPlan plan, int number)
    {
        var random = new Random(unchecked((plan.Seed * 397) ^ number));
        var request = new JsonObject { ["prompt"] = Prompts[random.Next(Prompts.Length)], ["seed"] = random.Next(1, 5) };
        // One picture is the default of all three models, written out or not.
        if (random.Next(3) is > 0 and var count)
            request["num_outputs"] = count;
        if (random.Next(2) == 0)
        {
            request["model"] = SdxlNames[random.Next(SdxlNames.Length)];
            // A small size, square in a quarter of the cases; else the model's default, which takes some time to paint.
            if (random.Next(8) > 0)
                (request["width"], request["height"]) = (random.Next(1, 3) * 64, random.Next(1, 3) * 64);
        }
        else
        {
            request["model"] = random.Next(2) == 0 ? "flux-schnell" : "flux-dev";
            request["input"] = new JsonObject { ["megapixels"] = "0.25" };
            if (random.Next(2) == 0)
                request["aspect_ratio"] = random.Next(2) == 0 ? "1:1" : "21:9";
        }
        if (!MayShare(number))
            request["cache"] = "refresh";
        return request;
    }

    /// <summary>Whether it may share another request's answer.</summary>
    public static bool MayShare(int number) => number % Sharing == 0;

    /// <summary>Returns the model and version that must have run for a request, as the upstream shows them.</summary>
    public static (string? Model, string? Version) ModelOf(JsonObject request) => request["model"]!.GetValue<string>() switch
    {
        $"{Sdxl}:{Earlier}" => (Sdxl, Earlier),
        var name when SdxlNames.Contains(name) => (Sdxl, Latest),
        var name => ($"black-forest-labs/{name}", "hidden"),
    };

    /// <summary>Returns the input that the upstream must have received for a request.</summary>
    public static JsonObject InputOf(JsonObject request)
    {
        var input = request.DeepClone().AsObject();
        foreach (var (name, value) in input["input"] as JsonObject ?? [])
            input[name] = value!.DeepClone();
        foreach (var ours in (string[])["model", "cache", "input"])
            input.Remove(ours);
        return input;
    }
}
