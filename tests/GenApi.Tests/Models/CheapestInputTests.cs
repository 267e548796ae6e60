using System.Text.Json;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Tests.Models;

public sealed class CheapestInputTests
{
    [Theory]
    [InlineData("stability-ai/sdxl", """{"prompt":"a plain grey square","width":256,"height":256,"num_inference_steps":1}""")]
    [InlineData("black-forest-labs/flux-schnell", """{"prompt":"a plain grey square","num_inference_steps":1,"megapixels":"0.25"}""")]
    [InlineData("black-forest-labs/flux-1.1-pro", """{"prompt":"a plain grey square","aspect_ratio":"custom","width":256,"height":256}""")]
    public void One_small_image_in_few_steps_is_asked_for(string model, string expected)
    {
        var (input, whyNot) = CheapestInput.Of(KnownSchemas.Of(model), null);

        Assert.Null(whyNot);
        var members = JsonElement.Parse(input!.ToJson()).EnumerateObject()
            .ToDictionary(member => member.Name, member => member.Value.GetRawText());
        var wanted = JsonElement.Parse(expected).EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());
        Assert.Equal(
            wanted.OrderBy(member => member.Key, StringComparer.Ordinal), members.OrderBy(member => member.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_model_at_hand_has_one_that_asks_for_no_more_than_its_defaults_or_says_why_not()
    {
        foreach (var (model, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            var (input, whyNot) = CheapestInput.Of(schema, null);
            if (input is null)
            {
                Assert.True(whyNot!.Contains("needs a file", StringComparison.Ordinal), $"{model}: {whyNot}");
                continue;
            }
            var usual = new NormalisedInput(schema, []).Size;
            Assert.True(input.Size.Work <= usual.Work, $"{model}: {input.ToJson()}");
            Assert.True(usual.Pixels is null || input.Size.Pixels <= usual.Pixels, $"{model}: {input.ToJson()}");
        }
    }

    [Theory]
    [InlineData("""{"steps":{"type":"integer","minimum":4,"default":28}}""", """{"steps":4}""")]
    [InlineData("""{"steps":{"type":"integer","default":28}}""", """{"steps":1}""")]
    [InlineData("""{"steps":{"type":"integer","exclusiveMinimum":true,"minimum":1,"default":28}}""", """{"steps":2}""")]
    [InlineData("""{"steps":{"type":"integer","enum":[50,8,16]}}""", """{"steps":8}""")]
    [InlineData("""{"width":{"type":"integer","enum":[1024,512,128]}}""", """{"width":512}""")]
    [InlineData("""{"width":{"type":"integer","minimum":1,"maximum":2048,"default":1024}}""", """{"width":256}""")]
    [InlineData("""{"width":{"type":"integer","minimum":512,"maximum":2048,"default":1024}}""", """{"width":512}""")]
    [InlineData("""{"width":{"type":"integer","minimum":16,"maximum":200,"default":128}}""", "{}")]
    [InlineData("""{"width":{"type":"integer","minimum":16,"maximum":200}}""", """{"width":200}""")]
    [InlineData("""{"size":{"type":"string","enum":["2048x2048","512x768","1024x1024"]}}""", """{"size":"512x768"}""")]
    [InlineData("""{"resolution":{"type":"string","enum":["4K","1K","2K"]}}""", """{"resolution":"1K"}""")]
    [InlineData("""{"prompt":{"type":"string","maxLength":5,"default":"a"}}""", "{}")]
    public void The_least_that_a_schema_allows_is_taken(string properties, string expected)
    {
        var (input, whyNot) = CheapestInput.Of(Schema(properties), null);

        Assert.Null(whyNot);
        Assert.Equal(expected, input!.ToJson());
    }

    [Fact]
    public void What_is_needed_comes_from_the_example_where_the_schema_takes_that()
    {
        var schema = Schema(
            """{"style":{"type":"string","enum":["oil","ink"]},"lora":{"type":"string"},"strength":{"type":"number","minimum":0.5}}""",
            "style", "lora", "strength");

        var (input, _) = CheapestInput.Of(schema, JsonElement.Parse("""{"style":"ink","lora":"me/lora","strength":0.1}"""));

        Assert.Equal("""{"style":"ink","lora":"me/lora","strength":0.5}""", input!.ToJson());
    }

    [Theory]
    [InlineData("""{"image":{"type":"string","format":"uri"}}""", "image", "'image'")]
    [InlineData("""{"images":{"type":"array","items":{"type":"string","format":"uri"}}}""", "images", "'images'")]
    public void A_file_can_not_be_made_up(string properties, string required, string named) =>
        Assert.Contains(named, CheapestInput.Of(Schema(properties, required), null).WhyNot, StringComparison.Ordinal);

    [Fact]
    public void Without_a_schema_nothing_is_tried() =>
        Assert.Contains("no input schema", CheapestInput.Of(InputSchema.Unknown, null).WhyNot, StringComparison.Ordinal);

    private static InputSchema Schema(string properties, params string[] required) =>
        InputSchema.Parse(JsonSerializer.SerializeToElement(new
        {
            components = new { schemas = new { Input = new { type = "object", required, properties = JsonElement.Parse(properties) } } },
        }));
}
