using System.Net.Http.Headers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Sandbox;
using NJsonSchema;

namespace GenApi.Bench.Code;

/// <summary>
/// Checks one complete input of SDXL against SDXL's schema, as for each request. Our check also maps the names and makes the canonical
/// input; NJsonSchema only checks. Neither parses a schema.
/// </summary>
public class InputCheckBenchmarks
{
    private const string Input = """
        {"prompt":"an astronaut riding a horse on the moon, golden hour","negative_prompt":"blurry, text","width":1024,"height":768,
         "num_outputs":2,"scheduler":"K_EULER_ANCESTRAL",
         "num_inference_steps":30,"guidance_scale":7.5,"prompt_strength":0.8,"seed":42,"refine":"expert_ensemble_refiner",
         "high_noise_frac":0.8,"apply_watermark":false,"lora_scale":0.6,
         "disable_safety_checker":false,"image":"https://example.com/a/picture.png"}
        """;

    private const string Common = """
        {"prompt":"an astronaut riding a horse on the moon, golden hour","negative_prompt":"blurry, text","width":1024,"height":768,
         "num_outputs":2,"steps":30,"guidance":7.5,"seed":42}
        """;

    private static readonly Dictionary<string, JsonElement> NoCommon = [];
    private readonly JsonElement _input = JsonElement.Parse(Input);
    private readonly Dictionary<string, JsonElement> _common = Members(Common);
    private readonly Newtonsoft.Json.Linq.JToken _token = Newtonsoft.Json.Linq.JToken.Parse(Input);
    private readonly Dictionary<string, JsonElement> _shape = Members(
        """{"prompt":"an astronaut riding a horse on the moon, golden hour","width":1344,"height":768,"steps":4,"seed":42}""");
    private InputSchema _sdxl = null!;
    private InputSchema _flux = null!;
    private JsonSchema _library = null!;

    [GlobalSetup]
    public async Task ReadSchemasAsync()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions { Speed = 0 });
        var sdxl = await DocumentAsync(sandbox, "stability-ai/sdxl");
        _sdxl = InputSchema.Parse(sdxl);
        _flux = InputSchema.Parse(await DocumentAsync(sandbox, "black-forest-labs/flux-schnell"));
        _library = await LibrarySchemaAsync(sdxl);
        if (_library.Validate(_token).Count > 0)
            throw new InvalidOperationException("The library refuses the input that is measured.");
    }

    [Benchmark(Baseline = true, Description = "GenApi: 16 of the model's own names")]
    public NormalisedInput Own() => InputNames.Map(_sdxl, NoCommon, _input);

    [Benchmark(Description = "GenApi: 8 common names")]
    public NormalisedInput CommonNames() => InputNames.Map(_sdxl, _common, default);

    [Benchmark(Description = "GenApi: 5 common names at flux-schnell, size to shape")]
    public NormalisedInput Shape() => InputNames.Map(_flux, _shape, default);

    [Benchmark(Description = "NJsonSchema: the same 16, parsed before")]
    public int LibraryOfToken() => _library.Validate(_token).Count;

    [Benchmark(Description = "NJsonSchema: the same 16, from text")]
    public int LibraryOfText() => _library.Validate(Input).Count;

    private static Dictionary<string, JsonElement> Members(string json) =>
        JsonElement.Parse(json).EnumerateObject().ToDictionary(member => member.Name, member => member.Value);

    private static async Task<JsonElement> DocumentAsync(SandboxServer sandbox, string model)
    {
        using var http = new HttpClient { BaseAddress = sandbox.BaseUrl };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "bench");
        return JsonElement.Parse(await http.GetByteArrayAsync(new Uri($"v1/models/{model}", UriKind.Relative)))
            .GetProperty("latest_version")
            .GetProperty("openapi_schema");
    }

    /// <summary>Extracts the inputs, with their lists of choices where the library looks for them.</summary>
    private static Task<JsonSchema> LibrarySchemaAsync(JsonElement document)
    {
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var input = schemas.GetProperty("Input").EnumerateObject().Where(member => member.Name is "type" or "properties").ToDictionary(
            member => member.Name, member => member.Value);
        input["definitions"] = JsonSerializer.SerializeToElement(
            schemas.EnumerateObject()
                .Where(schema => schema.Value.TryGetProperty("enum", out _))
                .ToDictionary(schema => schema.Name, schema => schema.Value));
        return JsonSchema.FromJsonAsync(
            JsonSerializer.Serialize(input).Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal));
    }
}
