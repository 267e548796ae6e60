using System.Globalization;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Tests.Generations;

/// <summary>Tests that a body which was resolved before is recognised, and only where everything else is the same too.</summary>
public sealed class KnownRequestsTests
{
    private const string Text = """{"prompt":"a fox","seed":7}""";

    private static readonly ResolvedModel Model = new("stability-ai", "sdxl", new('a', 64), InputSchema.Unknown, null);

    private readonly KnownRequests _known = new();

    [Fact]
    public void An_equal_body_is_found_and_any_other_is_not()
    {
        var resolved = Resolved(Text);
        _known.Add(Request(Text), resolved);

        Assert.Same(resolved, Found(Request(Text)));
        Assert.Null(Found(Request("""{"prompt":"a fox","seed":8}""")));
        // Other bytes are another body, whatever they mean.
        Assert.Null(Found(Request("""{"prompt":"a fox", "seed":7}""")));
        Assert.Null(Found(Request(Text) with { Body = default }));
    }

    [Fact]
    public void Another_account_header_or_model_finds_nothing()
    {
        _known.Add(Request(Text), Resolved(Text));

        Assert.Null(Found(Request(Text) with { OwnerId = new("019b7c3e-5d3f-7a51-8c1e-0d2f4b6a8c9e") }));
        Assert.Null(Found(Request(Text) with { Cache = CacheMode.Refresh }));
        Assert.Null(Found(Request(Text), Model with { Version = new('b', 64) }));
        Assert.NotNull(Found(Request(Text), Model with { }));
    }

    [Fact]
    public void Requests_that_must_be_looked_at_each_time_are_not_kept()
    {
        var fault = new GenApiException(ErrorKind.InvalidInput, "A file is gone.");
        _known.Add(Request(Text), Resolved(Text, fault));
        _known.Add(Request(Text) with { Common = new Dictionary<string, JsonElement> { ["mask"] = default } }, Resolved(Text));
        _known.Add(Request($$"""{"prompt":"{{new string('x', KnownRequests.LongestBody)}}","seed":7}"""), Resolved(Text));
        _known.Add(Request(Text) with { Body = default }, Resolved(Text));

        Assert.Equal(0, _known.Count);
    }

    [Fact]
    public void There_are_never_more_than_the_limit()
    {
        for (var seed = 0; seed < KnownRequests.Most + 10; seed++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $$"""{"prompt":"a fox","seed":{{seed}}}""");
            _known.Add(Request(text), Resolved(text));
        }
        Assert.Equal(10, _known.Count);
    }

    [Fact]
    public async Task A_hit_stays_a_hit_and_a_header_still_asks_for_a_new_run()
    {
        await using var app = await GenApiApp.StartAsync();
        const string body = """{"prompt":"a fox","seed":7,"width":64,"height":64}""";
        var made = await app.GenerateAsync(body);
        for (var time = 0; time < 3; time++)
        {
            var hit = await app.GenerateAsync(body);
            Assert.Equal(("GenApi; hit", made.Id), (hit.Header("Cache-Status"), hit.Id));
        }

        var again = await app.GenerateAsync(body, ("Cache-Control", "no-cache"));
        Assert.NotEqual(made.Id, again.Id);
        Assert.Equal(again.Id, (await app.GenerateAsync(body)).Id);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    private ResolvedRequest? Found(GenerationRequest request, ResolvedModel? model = null) =>
        _known.TryFind(request, model ?? Model, out var resolved) ? resolved : null;

    private static GenerationRequest Request(string text) => new() { Body = Json(text) };

    private static ResolvedRequest Resolved(string text, GenApiException? fault = null) => new(
        "replicate", Model, null, new NormalisedInput(InputSchema.Unknown, [.. Json(text).EnumerateObject().Select(
            member => KeyValuePair.Create(member.Name, member.Value))]),
        CacheMode.Auto, new Dictionary<string, string>(), fault);

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
