using System.Text.Json;
using System.Text.Json.Nodes;

namespace GenApi.Tests.Doors.Clients;

/// <summary>The cases of the one Node process. A case's name is also its prompt, with hyphens.</summary>
internal static class NodeCases
{
    public const string Sdxl = "stability-ai/sdxl:39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";

    private const string Flux = "black-forest-labs/flux-schnell", Slow = "sandbox/slow";

    /// <summary>A model that takes images too, for the clients that give up.</summary>
    public const string Held = "sandbox/collage";

    /// <summary>The time that a run of it takes.</summary>
    public static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(5);

    /// <summary>The time after which such a client gives up.</summary>
    public static readonly TimeSpan GivesUpAfter = TimeSpan.FromSeconds(3);

    private static readonly object Quarter = new { megapixels = "0.25" };

    private static readonly object Small = new { width = 128, height = 128 };
    private static readonly object SmallSize = new { size = "128x128" };
    private static readonly object SmallOptions = new { providerOptions = new { replicate = Small } };

    /// <summary>Clients with own retries, or without; each picture must be paid once.</summary>
    private static readonly (string Client, string Does, object More)[] Payers =
    [
        ("replicate run", "replicateRun", new { model = Sdxl, input = Small }),
        ("replicate poll", "replicateProgress", new { model = Sdxl, input = Small }),
        ("openai generate", "openaiGenerate", new { model = Sdxl, input = SmallSize }),
        ("openai edit", "openaiEdit", new { model = Sdxl, input = SmallSize }),
        ("openai stream", "openaiStream", new { model = Sdxl, input = SmallSize }),
        ("langchain", "langchainGenerate", new { fields = new { model = Sdxl, size = "128x128" } }),
        ("ai 6 openai", "aiGenerate", new { version = 6, provider = "openai", model = Sdxl, input = SmallSize }),
        ("ai 7 openai", "aiGenerate", new { version = 7, provider = "openai", model = Sdxl, input = SmallSize }),
        ("ai 6 compatible", "aiGenerate", new { version = 6, provider = "compatible", model = Sdxl, input = SmallSize }),
        ("ai 7 compatible", "aiGenerate", new { version = 7, provider = "compatible", model = Sdxl, input = SmallSize }),
        ("ai 6 replicate", "aiGenerate", new { version = 6, provider = "replicate", model = Sdxl, input = SmallOptions }),
        ("ai 7 replicate", "aiGenerate", new { version = 7, provider = "replicate", model = Sdxl, input = SmallOptions }),
        ("mcp", "mcpGenerate", new { model = Sdxl, input = Small }),
    ];

    /// <summary>The names of the cases of a fault.</summary>
    public static IEnumerable<(string Client, NetworkFault Fault)> Faults =>
        from payer in Payers
        from fault in new[] { NetworkFault.Reset, NetworkFault.ServerError, NetworkFault.TimeOut, NetworkFault.CutAnswer }
        // Its wrapper has no time limit to set.
        where (payer.Client, fault) is not ("langchain", NetworkFault.TimeOut)
        select (payer.Client, fault);

    public static string Name(string client, NetworkFault fault) => $"{client} {fault}";

    public static string Marker(string name) => name.ToLowerInvariant().Replace(' ', '-');

    public static IEnumerable<JsonNode> All(ClientApp app) =>
        [.. Doors(app), .. Faults.Select(each => Broken(app, each.Client, each.Fault)), .. ReadmeLines.NodeCases(app)];

    private static IEnumerable<JsonNode> Doors(ClientApp app)
    {
        JsonNode Door(string name, string does, object more) => Case(app, name, does, app.Address, more);
        return
        [
            Door("replicate version", "replicateRun", new { model = Sdxl, input = new { width = 128, height = 192, seed = 7 } }),
            Door("replicate official", "replicateRun", new { model = Flux, input = new { num_outputs = 2, megapixels = "0.25" } }),
            Door("replicate upload", "replicateFileInput", new { model = Sdxl, input = Small }),
            Door("replicate progress", "replicateProgress", new { model = Sdxl, input = Small }),
            Door("replicate stream", "replicateStream", new { model = Flux, input = Quarter }),
            Door("replicate cancel", "replicateCancel", new { model = Slow }),
            Door("replicate surface", "replicateSurface", new { model = "stability-ai/stable-diffusion", input = Small }),
            Door("replicate refusals", "replicateRefusals", new { model = Flux }),
            Door("replicate webhook", "replicateWebhook", new { model = Flux, input = Quarter, port = app.HookPort }),
            Door("openai mapped", "openaiGenerate", new { model = "gpt-image-1", input = new { size = "1024x1536" } }),
            Door("openai three", "openaiGenerate", new { model = Sdxl, input = new { size = "128x128", n = 3 } }),
            Door("openai link", "openaiGenerate", new { model = "dall-e-3", input = new { size = "1024x1024" } }),
            Door("openai asked link", "openaiGenerate", new { model = Sdxl, input = new { response_format = "url", size = "128x128" } }),
            Door("openai webp", "openaiGenerate", new { model = Sdxl, input = new { output_format = "webp", size = "128x128" } }),
            Door("openai hints", "openaiHeaders", new
            {
                model = Sdxl,
                input = new { size = "128x128", quality = "high", style = "vivid", moderation = "low", background = "auto", user = "ann" },
            }),
            Door("openai one edit", "openaiEdit", new { model = Sdxl, masked = true, input = SmallSize }),
            Door("openai array edit", "openaiEdit", new { model = "sandbox/collage", many = true, input = SmallSize }),
            Door("openai variation", "openaiVariation", new { model = Sdxl, input = SmallSize }),
            Door("openai partial", "openaiStream", new { model = Sdxl, input = new { size = "128x128", partial_images = 2 } }),
            Door("openai models", "openaiModels", new { model = "gpt-image-1" }),
            Door("openai refusals", "openaiRefusals", new { model = Sdxl }),
            Door("langchain link", "langchainGenerate", new { fields = new { } }),
            Door("langchain two", "langchainGenerate", new { fields = new { n = 2, model = Sdxl, size = "128x128" } }),
            .. from version in new[] { 6, 7 }
               from provider in new[] { "openai", "compatible", "replicate" }
               select Door($"ai {version} {provider} door", "aiGenerate", new
               {
                   version,
                   provider,
                   model = Sdxl,
                   input = provider == "replicate" ? SmallOptions : SmallSize,
               }),
            .. from version in new[] { 6, 7 }
               from many in new[] { false, true }
               select Door($"ai {version} edit {(many ? "many" : "one")}", "aiEdit", new
               {
                   version,
                   provider = "openai",
                   model = many ? "sandbox/collage" : "gpt-image-1",
                   many,
                   masked = !many,
                   input = many ? SmallSize : new { size = "256x256" },
               }),
            Door("mcp surface", "mcpSurface", new { model = Flux, input = Quarter }),
            Door("mcp large", "mcpGenerate", new { model = Sdxl, input = new { width = 1024, height = 1024 } }),
        ];
    }

    private static JsonNode Broken(ClientApp app, string client, NetworkFault fault)
    {
        var (_, does, more) = Payers.Single(each => each.Client == client);
        var name = Name(client, fault);
        var proxy = app.Break(Marker(name), fault, times: 1);
        var made = Case(app, name, does, proxy.Address.GetLeftPart(UriPartial.Authority), more);
        // A client that gives up is started again by its user, on a busy machine many times.
        made["repeats"] = DotNetClients.MostCalls - 1;
        if (fault == NetworkFault.TimeOut)
            (made["timeout"], made["model"]) = ((int)GivesUpAfter.TotalMilliseconds, Held);
        return made;
    }

    /// <summary>A case as the script reads it.</summary>
    public static JsonNode Case(ClientApp app, string name, string does, string address, object more)
    {
        var made = JsonSerializer.SerializeToNode(more)!;
        made["name"] = name;
        made["does"] = does;
        made["marker"] = Marker(name);
        made["address"] = address;
        made["key"] = app.Key;
        made["picture"] = app.Picture;
        made["mask"] = app.Mask;
        return made;
    }
}
