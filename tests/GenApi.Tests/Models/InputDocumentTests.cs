using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Webhooks;
using GenApi.Generations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NJsonSchema;

namespace GenApi.Tests.Models;

/// <summary>The schema of a model's inputs as shown to callers, and the request made from it.</summary>
public sealed class InputDocumentTests
{
    [Fact]
    public void The_schema_of_every_model_at_hand_stands_alone_and_is_in_display_order()
    {
        foreach (var (model, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            var shown = InputDocument.Write(document, schema);
            Assert.DoesNotContain("$ref", shown.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal(
                schema.Properties.Select(property => property.Name), shown["properties"]!.AsObject().Select(property => property.Key));
            foreach (var property in schema.Properties)
            {
                var own = shown["properties"]![property.Name]!;
                Assert.True(own["type"] is not null, $"{model} {property.Name}");
                Assert.Equal(
                    property.Rule.Allowed.Select(value => JsonNode.Parse(value.GetRawText())!.ToJsonString()),
                    own["enum"]?.AsArray().Select(value => value!.ToJsonString()) ?? []);
                Assert.Equal(property.Description, own["description"]?.GetValue<string>());
            }
        }
    }

    [Fact]
    public async Task A_library_reads_it_and_says_yes_to_the_defaults_and_no_to_what_the_model_does_not_have()
    {
        foreach (var (model, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            var library = await JsonSchema.FromJsonAsync(
                InputDocument.Write(document, schema).ToJsonString(), TestContext.Current.CancellationToken);
            var defaults = new JsonObject(
                schema.Properties.Where(property => property.Default is { } value && InputCheck.Problem(property.Rule, value) is null)
                .Select(property => KeyValuePair.Create(property.Name, JsonNode.Parse(property.Default!.Value.GetRawText()))));
            Assert.True(
                library.Validate(defaults.ToJsonString())
                    .All(error => error.Kind == NJsonSchema.Validation.ValidationErrorKind.PropertyRequired),
                model);
            Assert.NotEmpty(library.Validate("""{"no such input":1}"""));
        }
    }

    [Theory]
    [InlineData("""{"$ref":"#/components/schemas/Kind"}""", """{"type":"string","enum":["a","b"]}""")]
    [InlineData(
        """{"allOf":[{"$ref":"#/components/schemas/Kind"}],"default":"a","description":"Which"}""",
        """{"type":"string","enum":["a","b"],"default":"a","description":"Which"}""")]
    [InlineData(
        """{"allOf":[{"$ref":"#/components/schemas/Kind"}],"nullable":true}""", """{"type":["string","null"],"enum":["a","b",null]}""")]
    [InlineData(
        """{"type":"number","minimum":0,"exclusiveMinimum":true,"maximum":1,"exclusiveMaximum":false}""",
        """{"type":"number","exclusiveMinimum":0,"maximum":1}""")]
    [InlineData(
        """{"anyOf":[{"type":"integer"},{"$ref":"#/components/schemas/Kind"}],"nullable":true}""",
        """{"anyOf":[{"type":"integer"},{"type":"string","enum":["a","b"]},{"type":"null"}]}""")]
    [InlineData(
        """{"type":"array","items":{"$ref":"#/components/schemas/Kind"}}""",
        """{"type":"array","items":{"type":"string","enum":["a","b"]}}""")]
    [InlineData(
        """{"type":"object","properties":{"k":{"$ref":"#/components/schemas/Kind"}}}""",
        """{"type":"object","properties":{"k":{"type":"string","enum":["a","b"]}}}""")]
    [InlineData("""{"$ref":"#/components/schemas/Nowhere"}""", "{}")]
    public void References_and_the_words_of_OpenAPI_are_put_into_plain_JSON_Schema(string property, string plain)
    {
        var document = JsonElement.Parse(
            """{"components":{"schemas":{"Kind":{"type":"string","enum":["a","b"],"description":"An enumeration."}"""
            + ""","Input":{"properties":{"x":""" + property + "}}}}}");
        var shown = InputDocument.Write(document, InputSchema.Parse(document))["properties"]!["x"]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(plain), shown), shown.ToJsonString());
    }

    [Fact]
    public void A_reference_in_a_circle_ends()
    {
        var document = JsonElement.Parse(
            """{"components":{"schemas":{"Loop":{"type":"array","items":{"$ref":"#/components/schemas/Loop"}}"""
                + ""","Input":{"properties":{"x":{"$ref":"#/components/schemas/Loop"}}}}}}""");
        Assert.DoesNotContain("$ref", InputDocument.Write(document, InputSchema.Parse(document)).ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>An example with values of the wrong type, beyond their range and without a meaning.</summary>
    private const string Odd = """{"prompt":"a fox","num_inference_steps":"250","steps":4,"seed":-1,"guidance_scale":3"""
        + ""","image":"https://gone.example/1.png","nothing":1,"width":null}""";

    [Fact]
    public void The_request_made_for_every_model_at_hand_passes_our_own_checks()
    {
        foreach (var (model, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            foreach (var example in new[] { null, "{}", Odd })
                AssertRuns(ExampleRequest.Write(model, schema, example is null ? null : JsonElement.Parse(example)), schema, model);
        }
        AssertRuns(
            ExampleRequest.Write("a/b", InputSchema.Unknown, JsonElement.Parse("""{"prompt":"a","steps":3}""")), InputSchema.Unknown,
            "unknown");
    }

    [Fact]
    public void An_example_is_shown_by_common_names_where_they_say_the_same_and_names_a_seed()
    {
        var body = ExampleRequest.Write("sdxl", KnownSchemas.Of("stability-ai/sdxl"), JsonElement.Parse(
            """{"prompt":"a fox","width":768,"height":512,"num_inference_steps":25,"scheduler":"DDIM","guidance_scale":7.5,"seed":null"""
                + ""","image":"https://gone.example/1.png"}"""));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse(
                """{"model":"sdxl","prompt":"a fox","width":768,"height":512,"steps":25,"guidance":7.5,"seed":42"""
                    + ""","input":{"scheduler":"DDIM"}}"""),
            body),
            body.ToJsonString());
        var custom = ExampleRequest.Write(
            "x", KnownSchemas.Of("black-forest-labs/flux-1.1-pro"),
            JsonElement.Parse("""{"prompt":"a","aspect_ratio":"1:1","width":512}"""));
        Assert.Equal(512, custom["input"]!["width"]!.GetValue<int>());
        var turned = ExampleRequest.Write(
            "x", KnownSchemas.Of("black-forest-labs/flux-1.1-pro-ultra"),
            JsonElement.Parse("""{"prompt":"a","image_prompt_strength":0.1}"""));
        Assert.Equal(0.1, turned["input"]!["image_prompt_strength"]!.GetValue<double>());
    }

    private static void AssertRuns(JsonObject body, InputSchema schema, string model)
    {
        try
        {
            var request = GenerateRequestReader.Read(
                JsonElement.Parse(body.ToJsonString()), new WebhookTargets(Options.Create(new WebhookOptions())),
                new DefaultHttpContext().Request, static _ => null);
            Assert.NotNull(request.Model);
            InputNames.Map(schema, request.Common, request.Input);
        }
        catch (GenApiException refusal)
        {
            Assert.Fail($"{model}: {body.ToJsonString()}: {refusal.Message}");
        }
    }
}
