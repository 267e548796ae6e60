using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Tests.Models;

public sealed class InputSchemaTests
{
    [Fact]
    public void Every_schema_at_hand_loads_in_its_authors_order()
    {
        Assert.Equal(75, KnownSchemas.Documents.Count);
        foreach (var (model, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            var inputs = document.GetProperty("components").GetProperty("schemas").GetProperty("Input").GetProperty("properties");
            Assert.True(schema.IsKnown, model);
            Assert.Equal(
                inputs.EnumerateObject().OrderBy(input => input.Value.GetProperty("x-order").GetInt32()).Select(input => input.Name),
                schema.Properties.Select(property => property.Name));
            Assert.DoesNotContain(schema.Properties, property => property.Rule.Types == InputTypes.Any);
        }
    }

    [Fact]
    public void Every_schema_at_hand_accepts_its_own_defaults()
    {
        foreach (var (model, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            var input = schema.Properties
                .Where(property => property.Default is not null || property.Required)
                .Select(property => KeyValuePair.Create(property.Name, property.Default ?? Example(property.Rule)))
                .ToDictionary();
            var mapped = InputNames.Map(schema, new Dictionary<string, JsonElement>(), JsonSerializer.SerializeToElement(input));
            Assert.True(input.Count == mapped.ToSend.Count, model);
        }
    }

    [Fact]
    public void Every_schema_at_hand_refuses_a_broken_value_for_each_property_all_at_once()
    {
        foreach (var (_, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            var broken = schema.Properties.ToDictionary(property => property.Name, property => Broken(property.Rule));
            var refusal = Assert.Throws<GenApiException>(
                () => InputNames.Map(schema, new Dictionary<string, JsonElement>(), JsonSerializer.SerializeToElement(broken)));
            Assert.Equal(ErrorKind.InvalidInput, refusal.Kind);
            Assert.Equal(broken.Keys.Select(name => $"$.input.{name}").Order(), refusal.Errors.Keys.Order());
            Assert.All(refusal.Errors.Values, messages => Assert.StartsWith("must be ", Assert.Single(messages), StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("stability-ai/sdxl", 1, int.MaxValue)]
    [InlineData("black-forest-labs/flux-schnell", 1, int.MaxValue)]
    public void A_model_with_a_seed_tells_from_where_to_choose_it(string model, long min, long max)
    {
        var schema = KnownSchemas.Of(model);
        Assert.True(schema.TakesSeed);
        Assert.Equal((min, max), schema.SeedRange);
    }

    [Fact]
    public void A_model_without_a_seed_says_so() => Assert.False(KnownSchemas.Of("recraft-ai/recraft-v3").TakesSeed);

    [Theory]
    [InlineData("""{"type":"integer","minimum":0,"maximum":65535}""", 1, 65535)]
    [InlineData("""{"type":"integer","minimum":100}""", 100, int.MaxValue)]
    [InlineData("""{"type":"integer","maximum":9223372036854775807}""", 1, int.MaxValue)]
    [InlineData("""{"type":"integer","minimum":3000000000}""", 3_000_000_000, 3_000_000_000)]
    [InlineData("""{"type":"integer","exclusiveMaximum":10}""", 1, 9)]
    [InlineData("""{"type":"integer","nullable":true}""", 1, int.MaxValue)]
    public void Seeds_are_chosen_within_what_the_schema_allows(string seed, long min, long max) =>
        Assert.Equal((min, max), Schema($$"""{"seed":{{seed}}}""").SeedRange);

    [Theory]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"null"}]}""", "7", "\"7\"")]
    [InlineData("""{"anyOf":[{"type":"integer","minimum":5},{"type":"string","enum":["auto"]}]}""", "\"auto\"", "\"other\"")]
    [InlineData("""{"oneOf":[{"type":"array","items":{"type":"integer"}},{"type":"integer"}]}""", "[1]", "[\"1\"]")]
    [InlineData("""{"type":["string","null"]}""", "\"a\"", "1")]
    [InlineData("""{"$ref":"#/components/schemas/Kind"}""", "\"a\"", "\"c\"")]
    [InlineData("""{"allOf":[{"$ref":"#/components/schemas/Kind"}],"nullable":true}""", "\"b\"", "\"B\"")]
    [InlineData("""{"type":"number","exclusiveMinimum":0}""", "0.1", "0")]
    [InlineData("""{"type":"number","minimum":0,"exclusiveMinimum":true}""", "0.1", "0")]
    [InlineData("""{"type":"number","minimum":0.1,"maximum":0.3}""", "0.1", "0.30000000000000004")]
    [InlineData("""{"type":"integer"}""", "50.0", "50.5")]
    [InlineData("""{"type":"integer","maximum":10}""", "1e1", "1e300")]
    [InlineData("""{"type":"integer","enum":[512,768]}""", "512.0", "513")]
    [InlineData("""{"type":"string","enum":["1","0.25"]}""", "\"0.25\"", "0.25")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"\\ud83d\\ude00x\"", "\"abc\"")]
    [InlineData("""{"type":"string","format":"uri"}""", "\"https:\\/\\/example.com\\/a.png\"", "\"ftp://example.com/a\"")]
    [InlineData("""{"type":"string","format":"uri"}""", "\"data:image/png;base64,AAAA\"", "\"cat.png\"")]
    [InlineData(
        """{"type":"array","items":{"type":"string","format":"uri"},"maxItems":1}""", "[\"https://a.example/1\"]",
        "[\"https://a.example/1\",\"https://a.example/2\"]")]
    [InlineData("""{"type":"object"}""", "{}", "[]")]
    [InlineData("""{"const":3}""", "3", "4")]
    [InlineData("""{"type":"integer","default":13.5}""", "13.5", "12.5")]
    public void Rules_are_found_wherever_they_stand(string property, string good, string bad)
    {
        var schema = Schema($$"""{"x":{{property}}}""", """{"Kind":{"type":"string","enum":["a","b"]}}""");
        Assert.Single(InputNames.Map(schema, new Dictionary<string, JsonElement>(), JsonElement.Parse($$"""{"x":{{good}}}""")).ToSend);
        var refusal = Assert.Throws<GenApiException>(
            () => InputNames.Map(schema, new Dictionary<string, JsonElement>(), JsonElement.Parse($$"""{"x":{{bad}}}""")));
        Assert.StartsWith("$.input.x", Assert.Single(refusal.Errors.Keys), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"components":{"schemas":{"Input":{"type":"object"}}}}""")]
    [InlineData("""{"components":{"schemas":{"Input":{"properties":{"\ud800":{}}}}}}""")]
    public void A_document_without_inputs_gives_a_schema_that_takes_everything(string document)
    {
        var schema = InputSchema.Parse(JsonElement.Parse(document));
        Assert.False(schema.IsKnown);
        Assert.False(schema.TakesSeed);
    }

    [Fact]
    public void References_that_go_in_a_circle_or_nowhere_are_no_rule()
    {
        var schema = Schema(
            """{"a":{"$ref":"#/components/schemas/Loop"},"b":{"$ref":"https://example.com/x"},"c":{"$ref":"#/nowhere"}}""",
            """{"Loop":{"$ref":"#/components/schemas/Loop"}}""");
        Assert.All(schema.Properties, property => Assert.Equal(InputTypes.Any, property.Rule.Types));
    }

    internal static InputSchema Schema(string properties, string others = "{}", string required = "[]")
    {
        var input = $$"""{"type":"object","required":{{required}},"properties":{{properties}}}""";
        var schemas = others == "{}" ? "" : others[1..^1] + ",";
        return InputSchema.Parse(JsonElement.Parse("{\"components\":{\"schemas\":{" + schemas + "\"Input\":" + input + "}}}"));
    }

    private static JsonElement Example(InputRule rule) => JsonElement.Parse(
        rule.IsFile ? "\"https://example.com/a.png\"" : rule.Types == InputTypes.String ? "\"text\"" : rule.IsArray ? "[]" : "1");

    /// <summary>Returns values of the wrong type, or outside the list or the range if there is one.</summary>
    private static JsonElement Broken(InputRule rule) => JsonElement.Parse(
        rule.Types == InputTypes.String ? rule.Allowed.Count > 0 ? "\"no such choice\"" : rule.IsFile ? "\"no address\"" : "17"
        : rule.Maximum is { } max ? $"{max + 1}"
        : rule.Minimum is { } min ? $"{min - 1}"
        : rule.Types == InputTypes.Integer ? "0.5"
        : "\"text\"");
}
