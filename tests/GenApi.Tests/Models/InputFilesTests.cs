using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;

namespace GenApi.Tests.Models;

/// <summary>Which values are files with bytes at hand, and which only look like it.</summary>
public sealed class InputFilesTests
{
    private const string Image = "img_01knf4sgd2e4y8c25mgcv9w4c1";
    private const string Upload = "upl_01knf4sgd2e4y8c25mgcv9w4c1";

    private static readonly InputSchema Known = InputSchema.Parse(JsonElement.Parse("""
        {"components":{"schemas":{"Input":{"type":"object","properties":{
            "prompt":{"type":"string"},"image":{"type":"string","format":"uri"},"mask":{"type":"string","format":"uri"},
            "extra":{"anyOf":[{"type":"string","format":"uri"},{"type":"array","items":{"type":"string","format":"uri"}}]},
            "words":{"type":"array","items":{"type":"string"}}}}}}}
        """));

    [Theory]
    [InlineData($$"""{"image":"{{Upload}}"}""", "image", null, "$.input.image")]
    [InlineData("""{"image":"\u0075pl_01knf4sgd2e4y8c25mgcv9w4c1"}""", "image", null, "$.input.image")]
    [InlineData("""{"image":"DATA:image/png;base64,AAAA"}""", "image", null, "$.input.image")]
    [InlineData($$"""{"extra":"{{Image}}"}""", "extra", null, "$.input.extra")]
    [InlineData($$"""{"extra":["https://a/b","{{Image}}"]}""", "extra", 1, "$.input.extra[1]")]
    public void A_file_is_found_where_the_schema_takes_one(string input, string name, int? index, string path)
    {
        var file = Assert.Single(InputNames.Map(Known, new Dictionary<string, JsonElement>(), JsonElement.Parse(input)).Files);

        Assert.Equal((name, index, path), (file.Name, file.Index, file.Path));
    }

    [Theory]
    [InlineData($$"""{"prompt":"{{Upload}}","image":"https://a/b"}""")]
    [InlineData($$"""{"prompt":"data:image/png;base64,AAAA"}""")]
    [InlineData($$"""{"words":["{{Upload}}"]}""")]
    public void A_text_that_looks_like_one_is_none(string input) =>
        Assert.Empty(InputNames.Map(Known, new Dictionary<string, JsonElement>(), JsonElement.Parse(input)).Files);

    [Fact]
    public void A_model_that_tells_nothing_gets_ids_and_base64_as_files_and_prompts_as_they_are()
    {
        var common = new Dictionary<string, JsonElement>
        {
            ["prompt"] = Text("data: a study, in oil"),
            ["image"] = Text(Image),
            ["mask"] = Text("data:,x"),
        };
        var input = JsonElement.Parse(
            $$"""{"first_frame":"{{Upload}}","frames":["{{Image}}","https://a/b"],"caption":"upl_short","sound":"data:audio/wav;base64"""
                + $$""",AAAA"}""");

        var files = InputNames.Map(InputSchema.Unknown, common, input).Files;

        Assert.Equal(["first_frame", "frames", "image", "mask", "sound"], files.Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal("$.input.frames[0]", files.Single(file => file.Name == "frames").Path);
    }

    [Fact]
    public void Only_the_common_mask_is_to_be_inverted_whether_the_model_tells_its_inputs_or_not()
    {
        foreach (var schema in new[] { Known, InputSchema.Unknown })
        {
            var common = InputNames.Map(
                schema, new Dictionary<string, JsonElement> { ["mask"] = Text(Upload), ["image"] = Text(Image) }, default,
                MaskColour.Black);
            var own = InputNames.Map(
                schema, new Dictionary<string, JsonElement>(), JsonElement.Parse($$"""{"mask":"{{Upload}}","image":"https://a/b"}"""),
                MaskColour.Black);
            var white = InputNames.Map(
                schema, new Dictionary<string, JsonElement> { ["mask"] = Text(Upload), ["image"] = Text("https://a/b") }, default,
                MaskColour.White);

            Assert.Equal([("image", false), ("mask", true)], common.Files.Select(file => (file.Name, file.MustBeInverted)).Order());
            Assert.False(Assert.Single(own.Files).MustBeInverted);
            Assert.False(Assert.Single(white.Files).MustBeInverted);
            foreach (var input in new[] { default, JsonElement.Parse($$"""{"mask":"{{Upload}}"}""") })
            {
                var mask = input.ValueKind == JsonValueKind.Undefined ? Text("https://a/b") : Text(Upload);
                var fault = Assert.Throws<GenApiException>(
                    () => InputNames.Map(schema, new Dictionary<string, JsonElement> { ["mask"] = mask }, input, MaskColour.Black));
                Assert.Contains("$.mask", fault.Errors.Keys);
            }
        }
    }

    [Fact]
    public void The_key_holds_the_bytes_of_a_file_and_the_row_its_id()
    {
        var input = InputNames.Map(
            Known, new Dictionary<string, JsonElement>(),
            JsonElement.Parse($$"""{"prompt":"a","image":"{{Upload}}","extra":["https://a/b","{{Image}}"]}"""));

        var known = input.WithFiles([.. input.Files.Select(file => file with { Sha256 = file.Name })]).WithoutSeed();

        Assert.Equal("""{"extra":["https://a/b","sha256:extra"],"image":"sha256:image","prompt":"a"}""", CanonicalJson.Write(known.ForKey));
        Assert.Equal($$"""{"prompt":"a","image":"{{Upload}}","extra":["https://a/b","{{Image}}"]}""", known.ToJson());
    }

    private static JsonElement Text(string text) => JsonElement.Parse(JsonSerializer.Serialize(text));
}
