using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using NJsonSchema;

namespace GenApi.Tests.Models;

/// <summary>
/// Our check replaces a JSON Schema library (the last test shows why it is not NJsonSchema, whose messages speak of keywords), so it must
/// accept and refuse what a library does.
/// </summary>
public sealed class InputCheckAgainstLibraryTests
{
    private static readonly string[] Values =
    [
        "0", "1", "-1", "2.5", "1000000000", "\"\"", "\"text\"", "\"png\"", "\"1\"", "\"https://a.example/1.png\"", "true", "false", "[]",
        "[\"x\"]", "{}",
    ];

    [Fact]
    public async Task Our_check_and_a_library_agree_on_every_property_of_every_schema_at_hand()
    {
        var compared = 0;
        foreach (var (model, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            var library = await LibrarySchema(document);
            foreach (var property in schema.Properties)
            {
                foreach (var value in Values.Append(property.Default?.GetRawText()).OfType<string>())
                {
                    // The library accepts any text as an address, and keeps an integer with a default of 13.5 as written.
                    if (property.Rule.IsFile || value == property.Default?.GetRawText()
                        && InputCheck.Problem(property.Rule, property.Default.Value) is not null)
                        continue;
                    var input = $$"""{"{{property.Name}}":{{value}}}""";
                    var theirs = !library.Validate(input).Any(
                        error =>
                            error.Property == property.Name && error.Kind != NJsonSchema.Validation.ValidationErrorKind.PropertyRequired);
                    Assert.True(theirs == Accepts(schema, property.Name, input), $"{model}: {input}");
                    compared++;
                }
            }
        }
        Assert.True(compared > 9_000, $"only {compared} compared");
    }

    [Fact]
    public async Task The_library_breaks_down_at_a_number_beyond_64_bits_and_our_check_answers()
    {
        const string Input = """{"num_inference_steps":99999999999999999999}""";
        var document = KnownSchemas.Documents["stability-ai/sdxl"];
        var library = await LibrarySchema(document);
        Assert.ThrowsAny<InvalidCastException>(() => library.Validate(Input));
        Assert.False(Accepts(InputSchema.Parse(document), "num_inference_steps", Input));
    }

    [Fact]
    public async Task The_library_takes_fifty_point_nought_for_no_integer_and_our_check_for_fifty()
    {
        const string Input = """{"num_inference_steps":50.0}""";
        var document = KnownSchemas.Documents["stability-ai/sdxl"];
        Assert.NotEmpty((await LibrarySchema(document)).Validate(Input));
        Assert.True(Accepts(InputSchema.Parse(document), "num_inference_steps", Input));
    }

    private static bool Accepts(InputSchema schema, string name, string input)
    {
        try
        {
            InputNames.Map(schema, new Dictionary<string, JsonElement>(), JsonElement.Parse(input));
            return true;
        }
        catch (GenApiException refusal)
        {
            // A schema can't express that an input means nothing without another one.
            return !refusal.Errors.TryGetValue($"$.input.{name}", out var problems)
                || problems.All(problem => problem.Contains("without a source image", StringComparison.Ordinal));
        }
    }

    private static Task<JsonSchema> LibrarySchema(JsonElement document)
    {
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var others = schemas.EnumerateObject().Where(schema => schema.Name != "Input" && schema.Value.TryGetProperty("enum", out _))
            .ToDictionary(schema => schema.Name, schema => schema.Value);
        var input = schemas.GetProperty("Input").EnumerateObject().Where(member => member.Name is "type" or "properties")
            .ToDictionary(member => member.Name, member => member.Value);
        input["definitions"] = JsonSerializer.SerializeToElement(others);
        return JsonSchema.FromJsonAsync(
            JsonSerializer.Serialize(input).Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal));
    }
}
