using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;

namespace GenApi.Tests.Models;

/// <summary>
/// Width and height for models that express sizes in another way. The schemas of the newer ones are reduced to the relevant parts.
/// </summary>
public sealed class ImageSizeTests
{
    private const string Ratios = """{"type":"string","enum":["match_input_image","1:1","16:9","9:16","4:3"]}""";
    private const string Imagen = $$$"""{"aspect_ratio":{{{Ratios}}},"image_size":{"type":"string","enum":["1K","2K"]}}""";
    private const string Nano = $$$"""{"aspect_ratio":{{{Ratios}}},"resolution":{"type":"string","enum":["1K","2K","4K"]}}""";
    private const string ByResolution = """{"resolution":{"type":"string","enum":["1024 × 1024 (Square)","768 × 1360 (Portrait)","1360 """
        + """× 768 (Landscape)"]}}""";
    private const string FillDev = """{"image":{"type":"string","format":"uri"}"""
        + ""","megapixels":{"type":"string","enum":["1","0.25","match_input"]}}""";
    private const string WholeMegapixels = $$$"""{"aspect_ratio":{{{Ratios}}},"megapixels":{"type":"integer","enum":[1,2]}}""";
    private const string Flux2 = """
        {"aspect_ratio":{"type":"string","enum":["match_input_image","custom","1:1","16:9"]},
        "resolution":{"type":"string","enum":["match_input_image","0.5 MP","1 MP","2 MP"]},
         "width":{"type":"integer","minimum":256,"maximum":2048},"height":{"type":"integer","minimum":256,"maximum":2048}}
        """;
    private const string Seedream = """
        {"size":{"type":"string","enum":["1K","2K","4K","custom"]},
        "aspect_ratio":{"type":"string","enum":["match_input_image","1:1","16:9"]},
         "width":{"type":"integer","minimum":1024,"maximum":4096},"height":{"type":"integer","minimum":1024,"maximum":4096}}
        """;

    [Theory]
    [InlineData(Imagen, 1024, 1024, """{"aspect_ratio":"1:1","image_size":"1K"}""")]
    [InlineData(Imagen, 2730, 1536, """{"aspect_ratio":"16:9","image_size":"2K"}""")]
    [InlineData(Nano, 1080, 1920, """{"aspect_ratio":"9:16","resolution":"1K"}""")]
    [InlineData(Nano, 4096, 3072, """{"aspect_ratio":"4:3","resolution":"4K"}""")]
    [InlineData(ByResolution, 1920, 1080, """{"resolution":"1360 × 768 (Landscape)"}""")]
    [InlineData(ByResolution, 768, 1360, """{"resolution":"768 × 1360 (Portrait)"}""")]
    [InlineData(WholeMegapixels, 1920, 1080, """{"aspect_ratio":"16:9","megapixels":2}""")]
    [InlineData(FillDev, 512, 512, """{"megapixels":"0.25"}""")]
    [InlineData(FillDev, 1024, 768, """{"megapixels":"1"}""")]
    [InlineData(Flux2, 1024, 768, """{"aspect_ratio":"custom","width":1024,"height":768}""")]
    [InlineData(Seedream, 2048, 1024, """{"size":"custom","width":2048,"height":1024}""")]
    public void Sizes_become_the_words_of_the_model(string properties, int width, int height, string sent) =>
        Assert.True(
            JsonElement.DeepEquals(
                JsonElement.Parse(sent),
                JsonElement.Parse(Map(properties, $$"""{"width":{{width}},"height":{{height}}}""", "{}").ToJson())));

    [Theory]
    [InlineData("""{"size":{"type":"string","enum":["small","regular","big"]}}""")]
    [InlineData("""{"resolution":{"type":"string","enum":["480p","720p","1024"]}}""")]
    [InlineData("""{"aspect_ratio":{"type":"string"}}""")]
    public void Words_that_say_no_size_are_not_guessed_at(string properties)
    {
        var refusal = Assert.Throws<GenApiException>(() => Map(properties, """{"width":1024,"height":1024}""", "{}"));
        Assert.Equal(ErrorKind.InvalidInput, refusal.Kind);
        Assert.All(
            ["$.width", "$.height"], path =>
                Assert.Contains("has no input for it. It takes: ", Assert.Single(refusal.Errors[path]), StringComparison.Ordinal));
    }

    [Fact]
    public void A_number_of_pixels_chosen_in_the_models_own_words_stands()
    {
        Assert.Equal(
            """{"aspect_ratio":"1:1","resolution":"4K"}""",
            Map(Nano, """{"width":1024,"height":1024}""", """{"resolution":"4K"}""").ToJson());
        Assert.Equal(
            """{"aspect_ratio":"custom","resolution":"2 MP","width":512,"height":512}""",
            Map(Flux2, """{"width":512,"height":512}""", """{"resolution":"2 MP"}""").ToJson());
    }

    [Fact]
    public void A_shape_in_the_models_own_words_contradicts_sides_that_need_custom()
    {
        var refusal = Assert.Throws<GenApiException>(() => Map(Seedream, """{"width":2048,"height":1024}""", """{"size":"2K"}"""));
        Assert.Equal(ErrorKind.InvalidRequest, refusal.Kind);
        Assert.Contains("$.input.size", refusal.Errors.Keys);
    }

    [Fact]
    public void A_side_outside_the_models_bounds_is_refused_by_its_name()
    {
        var refusal = Assert.Throws<GenApiException>(() => Map(Flux2, """{"width":64,"height":1024}""", "{}"));
        Assert.Equal("must be an integer from 256 to 2048", Assert.Single(refusal.Errors["$.width"]));
    }

    private static NormalisedInput Map(string properties, string common, string input) => InputNames.Map(
        InputSchemaTests.Schema(properties),
        JsonElement.Parse(common).EnumerateObject().ToDictionary(member => member.Name, member => member.Value), JsonElement.Parse(input));
}
