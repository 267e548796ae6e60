using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Recovery;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Replicate;

namespace GenApi.Tests.Generations;

/// <summary>
/// Tests how far a prediction is from what a generation sent: 0 equal, 1 the same run, 2 and more a guess; null: surely another run.
/// </summary>
public sealed class SentRunTests
{
    private const string Version = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";
    private const string Other = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";
    private const string Sdxl = "stability-ai/sdxl", Flux = "black-forest-labs/flux-dev";
    private const string Hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// <summary>No address is known.</summary>
    internal static readonly Dictionary<string, string> NoFiles = [];

    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly InputSchema Schema = InputSchema.Parse(JsonElement.Parse(
        """
        {"components":{"schemas":{"Input":{"type":"object","properties":{
            "prompt":{"type":"string"},"seed":{"type":"integer"},
            "width":{"type":"integer","default":1024},"num_outputs":{"type":"integer","default":1},
            "guidance":{"type":"number","default":7.5},"note":{"type":"string"},"image":{"type":"string","format":"uri"},
            "images":{"type":"array","items":{"type":"string","format":"uri"}}}}}}}
        """));

    [Theory]
    [InlineData("""{"prompt":"a","seed":7}""", """{"seed":7,"prompt":"a"}""", 0)]
    [InlineData("""{"prompt":"a","seed":7}""", """{"seed":7.0,"prompt":"\u0061"}""", 0)]
    [InlineData("""{"prompt":"a","seed":7}""", """{"seed":"7","prompt":"a"}""", null)]
    [InlineData("""{"prompt":"a","seed":7}""", """{"seed":8,"prompt":"a"}""", null)]
    [InlineData("""{"prompt":"a","seed":7}""", """{"prompt":"a"}""", null)]
    [InlineData("""{"prompt":"a","seed":7}""", """{}""", null)]
    [InlineData("""{"prompt":"a","seed":7}""", "[]", null)]
    // Spelled-out defaults are the same run. Other values are another run, whether the schema names a default or not.
    [InlineData("""{"prompt":"a"}""", """{"prompt":"a","width":1024,"guidance":7.50,"note":null}""", 1)]
    [InlineData("""{"prompt":"a"}""", """{"prompt":"a","width":512}""", null)]
    [InlineData("""{"prompt":"a","num_outputs":1}""", """{"prompt":"a"}""", null)]
    [InlineData("""{"prompt":"a"}""", """{"prompt":"a","note":"b"}""", null)]
    [InlineData("""{"prompt":"a"}""", """{"prompt":"a","image":"https://example.com/a.png"}""", null)]
    // A member that the schema does not know can only be guessed.
    [InlineData("""{"prompt":"a"}""", """{"prompt":"a","request":"1"}""", 2)]
    [InlineData("""{"prompt":"a"}""", """{"prompt":"a","request":"1","go":true,"width":1024}""", 3)]
    // Files may appear elsewhere or not at all, but not more or fewer of them. A prompt is no file, however it begins.
    [InlineData("""{"image":"https://example.com/a.png"}""", """{"image":"https://example.com/a.png"}""", 0)]
    [InlineData("""{"image":"data:image/png;base64,AAAA"}""", """{"image":"https://upstream.example/1"}""", 2)]
    [InlineData("""{"image":"https://example.com/a.png"}""", """{}""", 2)]
    [InlineData("""{"image":"https://example.com/a.png"}""", """{"image":7}""", null)]
    [InlineData(
        """{"images":["https://example.com/a","https://example.com/b"]}""",
        """{"images":["https://upstream.example/1","https://example.com/b"]}""", 2)]
    [InlineData(
        """{"images":["https://example.com/a","https://example.com/b"]}""",
        """{"images":["https://upstream.example/1","https://upstream.example/2"]}""", 3)]
    [InlineData("""{"images":["https://example.com/a"]}""", """{"images":["https://example.com/a","https://example.com/b"]}""", null)]
    [InlineData("""{"prompt":"https://example.com/a"}""", """{"prompt":"https://example.com/b"}""", null)]
    [InlineData("""{"images":["https://example.com/a","a text"]}""", "{}", null)]
    [InlineData("""{"images":["https://example.com/a","a text"]}""", """{"images":["https://up/1","https://up/2"]}""", null)]
    [InlineData("""{"images":[]}""", "{}", null)]
    [InlineData("""{"image":"https://example.com/a"}""", """{"image":"a text"}""", null)]
    [InlineData("""{"images":["https://example.com/a"]}""", """{"images":"https://example.com/a"}""", null)]
    [InlineData("""{"prompt":"a","more":"https://example.com/a"}""", """{"prompt":"a","more":"https://up/1"}""", 2)]
    [InlineData("""{"prompt":"a"}""", """{"prompt":"a","one":1,"two":2,"three":3}""", 4)]
    public void Inputs(string sent, string seen, int? distance) =>
        Assert.Equal(distance, new SentRun(Sent(sent), Schema).DistanceTo(Seen(seen), NoFiles));

    [Theory]
    [InlineData(Version, Sdxl, Version, 0)]
    [InlineData(Version, null, Version, 0)]
    [InlineData(Version, Sdxl, Other, null)]
    [InlineData(Version, "owner/renamed", Version, 2)]
    [InlineData(Version, Sdxl, null, 1)]
    [InlineData(Version, Flux, "hidden", null)]
    [InlineData(Version, null, null, 2)]
    [InlineData(null, Sdxl, "hidden", 0)]
    [InlineData(null, "Stability-AI/SDXL", null, 0)]
    [InlineData(null, Sdxl, Version, 1)]
    [InlineData(null, Flux, "hidden", null)]
    [InlineData(null, Flux, Version, null)]
    [InlineData(null, null, "hidden", 2)]
    [InlineData(null, "replicate-internal/sdxl-fast", "hidden", 2)]
    [InlineData(null, "replicate/lifeboat-70b", "hidden", 2)]
    [InlineData(null, "replicated/sdxl", "hidden", null)]
    [InlineData(Version, "replicate/lifeboat-70b", "hidden", null)]
    [InlineData(Version, "replicate/lifeboat-70b", Version, 2)]
    public void Models(string? own, string? model, string? version, int? distance) => Assert.Equal(
        distance,
        new SentRun(Sent("""{"prompt":"a"}""", own), Schema).DistanceTo(Seen("""{"prompt":"a"}""", model, version), NoFiles));

    [Fact]
    public void Without_a_schema_every_member_more_is_a_guess() => Assert.Equal(
        3,
        new SentRun(Sent("""{"prompt":"a"}"""), InputSchema.Unknown)
            .DistanceTo(Seen("""{"prompt":"a","width":512,"seed":1}"""), NoFiles));

    [Fact]
    public void A_file_of_ours_is_known_by_the_bytes_behind_its_address()
    {
        GenerationFile[] ours = [new("image", null, Hash, "image/png"), new("images", 1, Hash, "image/png")];
        var files = JsonSerializer.Serialize(ours);
        var run = new SentRun(Sent("""{"image":"upl_1","images":["https://example.com/a","upl_1"]}""", files: files), Schema);
        var known = new Dictionary<string, string> { ["https://up/ours"] = Hash, ["https://up/others"] = new string('b', 64) };

        Assert.Equal(0, Far("https://up/ours", "https://up/ours"));
        Assert.Equal(3, Far("https://up/strange", "https://up/strange"));
        Assert.Null(Far("https://up/others", "https://up/ours"));
        Assert.Null(Far("https://up/ours", "https://up/others"));

        int? Far(string image, string second) =>
            run.DistanceTo(Seen($$"""{"image":"{{image}}","images":["https://example.com/a","{{second}}"]}"""), known);
    }

    /// <summary>The only file of a run, among members that are none.</summary>
    [Theory]
    [InlineData("a", "https://up/ours", 0)]
    [InlineData("a", "https://up/strange", 2)]
    [InlineData("a", "https://up/others", null)]
    [InlineData("a", "a text", null)]
    [InlineData("b", "https://up/ours", null)]
    public void One_file_is_known_and_its_neighbours_are_compared_as_they_are(string prompt, string image, int? distance)
    {
        var files = JsonSerializer.Serialize(new GenerationFile[] { new("image", null, Hash, "image/png") });
        var run = new SentRun(Sent("""{"prompt":"a","image":"upl_1"}""", files: files), Schema);
        var known = new Dictionary<string, string> { ["https://up/ours"] = Hash, ["https://up/others"] = new string('b', 64) };

        Assert.Equal(distance, run.DistanceTo(Seen($$"""{"prompt":"{{prompt}}","image":"{{image}}"}"""), known));
        Assert.Equal((true, false), (run.HasFiles, new SentRun(Sent("""{"prompt":"a"}"""), Schema).HasFiles));
    }

    [Theory]
    [InlineData("""{"seed":7.0,"prompt":"a"}""", Version, null, true)]
    [InlineData("""{"prompt":"a","seed":8}""", Version, null, false)]
    [InlineData("""{"prompt":"a","seed":7}""", Other, null, false)]
    [InlineData("""{"prompt":"a","seed":7}""", null, null, false)]
    [InlineData("""{"prompt":"a","seed":7}""", Version, "[]", false)]
    public void Two_are_alike_if_each_may_have_the_others_picture(string input, string? version, string? files, bool isAlike)
    {
        var run = new SentRun(Sent("""{"prompt":"a","seed":7}"""), Schema);
        var other = new SentRun(Sent(input, version, files), Schema);

        Assert.Equal((isAlike, isAlike), (run.IsAlike(other), other.IsAlike(run)));
        Assert.True(run.IsAlike(run));
        var ofAnotherModel = Generation.Accept(CoreRig.New("a", """{"prompt":"a","seed":7}""", model: Flux), Now);
        Assert.False(run.IsAlike(new SentRun(ofAnotherModel, Schema)));
    }

    [Fact]
    public void Only_a_prediction_that_may_be_of_its_model_is_worth_reading()
    {
        var run = new SentRun(Sent("""{"prompt":"a"}"""), Schema);

        Assert.True(run.MayRun(Seen("{}")));
        Assert.True(run.MayRun(Seen("{}", model: null, version: null)));
        Assert.False(run.MayRun(Seen("{}", version: Other)));
        Assert.False(run.MayRun(Seen("{}", model: Flux, version: null)));
        Assert.Null(run.DistanceTo(Seen("{}") with { Input = null }, NoFiles));
    }

    internal static Generation Sent(
        string input, string? version = Version, string? files = null, DateTimeOffset? at = null, long? seed = 7)
    {
        var generation = Generation.Accept(
            new NewGeneration(Sdxl, version, "replicate", "a", input, files, seed, "{}", "key", "reuse", null, 1, null), Now);
        generation.MarkSubmitting(at ?? Now, at ?? Now, TimeSpan.FromMinutes(15));
        return generation;
    }

    internal static Prediction Seen(
        string input, string? model = Sdxl, string? version = Version, string id = "p", DateTimeOffset? at = null) =>
        new() { Id = id, Model = model, Version = version, Input = JsonElement.Parse(input), CreatedAt = at ?? Now };
}
