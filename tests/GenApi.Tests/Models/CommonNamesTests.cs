using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Persistence;

namespace GenApi.Tests.Models;

/// <summary>Compares the published common names with what the mapping does with them.</summary>
public sealed class CommonNamesTests
{
    private static readonly Dictionary<string, string[]> Values = new()
    {
        ["prompt"] = ["\"a red fox\""],
        ["negative_prompt"] = ["\"blurry\""],
        ["width"] = ["512", "1024"],
        ["height"] = ["512", "1024"],
        ["aspect_ratio"] = ["\"1:1\""],
        ["seed"] = ["7"],
        ["num_outputs"] = ["2"],
        ["steps"] = ["1"],
        ["guidance"] = ["3"],
        ["image"] = ["\"https://a.example/1.png\""],
        ["mask"] = ["\"https://a.example/1.png\""],
        ["strength"] = ["0.5"],
        ["output_format"] = ["\"png\""],
    };

    [Fact]
    public void What_is_told_of_a_common_name_is_what_happens_at_every_schema_at_hand()
    {
        var taken = 0;
        foreach (var (model, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            var targets = CommonTargets.Of(schema);
            Assert.Superset(targets.Keys.ToHashSet(), Values.Keys.ToHashSet());
            foreach (var (common, values) in Values)
            {
                var set = values.SelectMany(value => Set(schema, common, value)).ToHashSet();
                if (targets.TryGetValue(common, out var told))
                    Assert.True(
                        set.Count > 0 && set.IsSubsetOf(told),
                        $"{model} {common}: told {string.Join(' ', told)}, set {string.Join(' ', set)}");
                else
                    Assert.True(set.Count == 0, $"{model} {common}: not told, set {string.Join(' ', set)}");
                taken += set.Count;
            }
        }
        Assert.True(taken > 300, $"only {taken} names were taken");
    }

    [Theory]
    [InlineData("""{"strength":{"type":"number"},"seed":{"type":"integer"}}""", "strength", "0.3", """{"strength":0.3}""")]
    [InlineData("""{"image_reference_weight":{"type":"number"}}""", "strength", "0.3", """{"image_reference_weight":0.7}""")]
    [InlineData(
        """{"image_reference_url":{"type":"string"}}""", "image", "\"https://a.example/1\"",
        """{"image_reference_url":"https://a.example/1"}""")]
    [InlineData(
        """{"init_image":{"type":"string","format":"uri"},"image_prompt":{"type":"string"}}""", "image", "\"https://a.example/1\"",
        """{"init_image":"https://a.example/1"}""")]
    [InlineData("""{"img":{"type":"string","format":"uri"}}""", "image", "\"https://a.example/1\"", """{"img":"https://a.example/1"}""")]
    [InlineData("""{"cfg_scale":{"type":"number"}}""", "guidance", "4", """{"cfg_scale":4}""")]
    [InlineData("""{"number_of_images":{"type":"integer"}}""", "num_outputs", "3", """{"number_of_images":3}""")]
    public void Names_of_newer_models_are_known(string properties, string common, string value, string sent) =>
        Assert.Equal(sent, Map(InputSchemaTests.Schema(properties), common, value).ToJson());

    [Fact]
    public void A_source_image_that_the_model_calls_a_plain_string_is_a_file_all_the_same()
    {
        var schema = InputSchemaTests.Schema("""{"prompt":{"type":"string"},"image_reference_url":{"type":"string"}}""");
        var upload = PublicId.Format(PublicId.Upload, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        Assert.Equal(upload, Assert.Single(Map(schema, "image", $"\"{upload}\"").Files).Id);
        Assert.Empty(Map(schema, "prompt", $"\"{upload}\"").Files);
    }

    [Fact]
    public void Where_a_model_has_two_of_the_names_the_first_is_meant_and_the_other_stays_its_own()
    {
        var schema = InputSchemaTests.Schema("""{"steps":{"type":"integer"},"num_inference_steps":{"type":"integer"}}""");
        var sent = InputNames.Map(
            schema, new Dictionary<string, JsonElement> { ["steps"] = JsonElement.Parse("20") }, JsonElement.Parse("""{"steps":5}"""));
        Assert.Equal("""{"steps":5,"num_inference_steps":20}""", sent.ToJson());
    }

    [Theory]
    [InlineData("steps")]
    [InlineData("guidance")]
    [InlineData("strength")]
    public void What_models_call_differently_is_not_guessed_where_a_model_tells_nothing(string common)
    {
        Assert.False(CommonTargets.Of(InputSchema.Unknown).ContainsKey(common));
        var refusal = Assert.Throws<GenApiException>(() => Map(InputSchema.Unknown, common, Values[common][0]));
        Assert.Contains("$.input", Assert.Single(refusal.Errors[$"$.{common}"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_the_model_does_not_have_is_a_typo_even_when_it_is_null()
    {
        var refusal = Assert.Throws<GenApiException>(
            () =>
                InputNames.Map(
                    KnownSchemas.Of("stability-ai/sdxl"), new Dictionary<string, JsonElement>(),
                    JsonElement.Parse("""{"scheduller":null,"scheduler":null}""")));
        Assert.Equal("$.input.scheduller", Assert.Single(refusal.Errors.Keys));
    }

    /// <summary>
    /// Returns the model's inputs that a value by a common name sets; none if the name is refused. If only the value is refused, the name
    /// is accepted.
    /// </summary>
    private static IEnumerable<string> Set(InputSchema schema, string common, string value)
    {
        // Other required inputs, and the other side of a shape.
        var members = schema.Properties.Where(property => property is { Required: true, Default: null }).ToDictionary(
            property => property.Name, property => JsonElement.Parse(property.Rule.IsFile ? "\"https://a.example/0.png\"" : "\"x\""));
        var names = new Dictionary<string, JsonElement> { [common] = JsonElement.Parse(value) };
        if (common is "width" or "height")
            names[common == "width" ? "height" : "width"] = names[common];
        foreach (var own in CommonTargets.Of(schema).GetValueOrDefault(common) ?? [])
            members.Remove(own);
        try
        {
            var own = InputNames.Map(schema, names, JsonSerializer.SerializeToElement(members)).ToSend.Select(member => member.Key)
                .Except(members.Keys).ToList();
            return common is "width" or "height" && schema.Has(common) ? own.Except([common == "width" ? "height" : "width"]) : own;
        }
        catch (GenApiException refusal)
        {
            return refusal.Errors.TryGetValue($"$.{common}", out var messages)
                && messages.Any(message => message.Contains("has no input for it", StringComparison.Ordinal))
                ? [] : CommonTargets.Of(schema)[common].Take(1);
        }
    }

    private static NormalisedInput Map(InputSchema schema, string common, string value) =>
        InputNames.Map(schema, new Dictionary<string, JsonElement> { [common] = JsonElement.Parse(value) }, default);
}
