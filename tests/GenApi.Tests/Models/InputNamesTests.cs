using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Tests.Models;

public sealed class InputNamesTests
{
    [Theory]
    [InlineData(
        "stability-ai/sdxl", """{"prompt":"a","steps":20,"guidance":7}""",
        """{"prompt":"a","num_inference_steps":20,"guidance_scale":7}""")]
    [InlineData(
        "stability-ai/stable-diffusion-3.5-large", """{"prompt":"a","steps":20,"guidance":3.5}""",
        """{"prompt":"a","cfg":3.5,"steps":20}""")]
    [InlineData(
        "black-forest-labs/flux-dev", """{"prompt":"a","steps":20,"guidance":2}""",
        """{"prompt":"a","num_inference_steps":20,"guidance":2}""")]
    [InlineData(
        "stability-ai/sdxl", """{"image":"https://a.example/1.png","strength":0.7}""",
        """{"image":"https://a.example/1.png","prompt_strength":0.7}""")]
    [InlineData(
        "black-forest-labs/flux-1.1-pro", """{"prompt":"a","image":"https://a.example/1.png"}""",
        """{"prompt":"a","image_prompt":"https://a.example/1.png"}""")]
    [InlineData(
        "black-forest-labs/flux-1.1-pro-ultra", """{"prompt":"a","image":"https://a.example/1.png","strength":0.9}""",
        """{"prompt":"a","image_prompt":"https://a.example/1.png","image_prompt_strength":0.1}""")]
    [InlineData(
        "stability-ai/stable-diffusion-inpainting", """{"image":"https://a.example/1.png","mask":"data:image/png;base64,AA=="}""",
        """{"image":"https://a.example/1.png","mask":"data:image/png;base64,AA=="}""")]
    [InlineData("fofr/latent-consistency-model", """{"num_outputs":2}""", """{"num_images":2}""")]
    [InlineData(
        "stability-ai/sdxl", """{"num_outputs":2,"seed":7,"negative_prompt":"blurry"}""",
        """{"negative_prompt":"blurry","num_outputs":2,"seed":7}""")]
    [InlineData("black-forest-labs/flux-1.1-pro", """{"prompt":"a","num_outputs":1}""", """{"prompt":"a"}""")]
    [InlineData(
        "black-forest-labs/flux-schnell", """{"prompt":"a","output_format":"jpeg","aspect_ratio":"16:9"}""",
        """{"prompt":"a","aspect_ratio":"16:9","output_format":"jpg"}""")]
    [InlineData("black-forest-labs/flux-schnell", """{"prompt":"a","output_format":"png"}""", """{"prompt":"a","output_format":"png"}""")]
    [InlineData("stability-ai/sdxl", """{"prompt":"a","seed":null,"width":null,"image":null}""", """{"prompt":"a"}""")]
    [InlineData("stability-ai/sdxl", "{}", "{}")]
    public void Common_names_become_the_models_own(string model, string common, string sent) =>
        Assert.Equal(sent, Map(model, common).ToJson());

    [Theory]
    // If the model has width and height, the common names set them.
    [InlineData("stability-ai/sdxl", 1024, 768, """{"width":1024,"height":768}""")]
    [InlineData("stability-ai/stable-diffusion", 512, 768, """{"height":768,"width":512}""")]
    [InlineData("black-forest-labs/flux-1.1-pro", 1024, 768, """{"prompt":"a","aspect_ratio":"custom","width":1024,"height":768}""")]
    // Otherwise the nearest shape, and the nearest number of pixels if there is a choice.
    [InlineData("black-forest-labs/flux-schnell", 1024, 1024, """{"prompt":"a","aspect_ratio":"1:1","megapixels":"1"}""")]
    [InlineData("black-forest-labs/flux-schnell", 1344, 768, """{"prompt":"a","aspect_ratio":"16:9","megapixels":"1"}""")]
    [InlineData("black-forest-labs/flux-schnell", 512, 512, """{"prompt":"a","aspect_ratio":"1:1","megapixels":"0.25"}""")]
    [InlineData("black-forest-labs/flux-schnell", 640, 1536, """{"prompt":"a","aspect_ratio":"9:21","megapixels":"1"}""")]
    [InlineData("stability-ai/stable-diffusion-3.5-large", 832, 1216, """{"prompt":"a","aspect_ratio":"2:3"}""")]
    [InlineData("luma/photon", 1920, 1080, """{"prompt":"a","aspect_ratio":"16:9"}""")]
    // Or the nearest of the sizes it lists.
    [InlineData("recraft-ai/recraft-v3", 1024, 1024, """{"prompt":"a","size":"1024x1024"}""")]
    [InlineData("recraft-ai/recraft-v3", 1920, 1080, """{"prompt":"a","size":"1820x1024"}""")]
    [InlineData("recraft-ai/recraft-v3", 500, 700, """{"prompt":"a","size":"1024x1434"}""")]
    // A listed size exactly, rather than a shape.
    [InlineData("ideogram-ai/ideogram-v2", 512, 1536, """{"prompt":"a","resolution":"512x1536"}""")]
    [InlineData("ideogram-ai/ideogram-v2", 1000, 1000, """{"prompt":"a","aspect_ratio":"1:1"}""")]
    public void Width_and_height_become_what_the_model_has_for_them(string model, int width, int height, string sent)
    {
        var prompt = sent.Contains("prompt", StringComparison.Ordinal) ? "\"prompt\":\"a\"," : "";
        Assert.Equal(sent, Map(model, $$"""{{{prompt}}"width":{{width}},"height":{{height}}}""").ToJson());
    }

    [Theory]
    [InlineData(
        """{"type":"array","items":{"type":"string","format":"uri"}}""", "input_images", "\"https://a.example/1\"",
        """["https://a.example/1"]""")]
    [InlineData(
        """{"type":"array","items":{"type":"string","format":"uri"}}""", "image_input", """["https://a.example/1","https://a.example/2"]""",
        """["https://a.example/1","https://a.example/2"]""")]
    [InlineData("""{"type":"string","format":"uri"}""", "input_image", "\"https://a.example/1\"", "\"https://a.example/1\"")]
    public void An_image_becomes_a_list_where_the_model_wants_a_list(string rule, string name, string image, string sent)
    {
        var schema = InputSchemaTests.Schema($$"""{"{{name}}":{{rule}}}""");
        Assert.Equal($$"""{"{{name}}":{{sent}}}""", Map(schema, $$"""{"image":{{image}}}""", default).ToJson());
    }

    [Theory]
    [InlineData("black-forest-labs/flux-schnell", "negative_prompt", "\"x\"")]
    [InlineData("black-forest-labs/flux-schnell", "guidance", "3")]
    [InlineData("black-forest-labs/flux-schnell", "image", "\"https://a.example/1\"")]
    [InlineData("black-forest-labs/flux-1.1-pro", "num_outputs", "2")]
    [InlineData("black-forest-labs/flux-1.1-pro", "steps", "20")]
    [InlineData("recraft-ai/recraft-v3", "seed", "7")]
    [InlineData("stability-ai/sdxl", "aspect_ratio", "\"16:9\"")]
    public void What_the_model_has_nothing_for_is_refused_with_what_it_takes(string model, string name, string value)
    {
        var refusal = Refused(ErrorKind.InvalidInput, model, $$"""{"prompt":"a","{{name}}":{{value}}}""");
        var message = Assert.Single(refusal.Errors[$"$.{name}"]);
        Assert.All(KnownSchemas.Of(model).Properties, property => Assert.Contains(property.Name, message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_typo_in_input_is_refused_with_what_the_model_takes()
    {
        var refusal = Refused(ErrorKind.InvalidInput, "stability-ai/sdxl", "{}", """{"scheduller":"K_EULER","it's":1}""");
        Assert.Contains("scheduler", Assert.Single(refusal.Errors["$.input.scheduller"]), StringComparison.Ordinal);
        Assert.Contains(@"$.input['it\'s']", refusal.Errors.Keys);
    }

    [Fact]
    public void All_problems_come_at_once_by_the_names_the_caller_used()
    {
        var refusal = Refused(
            ErrorKind.InvalidInput, "stability-ai/sdxl",
            """{"prompt":5,"steps":501,"guidance":"high","num_outputs":9,"width":10.5,"image":"cat.png"}""",
            """{"scheduler":"EULER","lora_scale":2}""");
        Assert.Equal(
            ["$.guidance", "$.image", "$.input.lora_scale", "$.input.scheduler", "$.num_outputs", "$.prompt", "$.steps", "$.width"],
            refusal.Errors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("must be an integer from 1 to 500", Assert.Single(refusal.Errors["$.steps"]));
        Assert.Equal("must be a number from 1 to 50", Assert.Single(refusal.Errors["$.guidance"]));
        Assert.Equal("must be a string", Assert.Single(refusal.Errors["$.prompt"]));
        Assert.Contains("\"K_EULER\"", Assert.Single(refusal.Errors["$.input.scheduler"]), StringComparison.Ordinal);
        Assert.Equal("$.guidance: must be a number from 1 to 50. And 7 more.", refusal.Message);
    }

    [Theory]
    [InlineData("black-forest-labs/flux-schnell", "{}", "$.prompt")]
    [InlineData("black-forest-labs/flux-schnell", """{"prompt":null}""", "$.prompt")]
    [InlineData("nightmareai/real-esrgan", "{}", "$.image")]
    [InlineData("black-forest-labs/flux-canny-dev", """{"prompt":"a"}""", "$.input.control_image")]
    public void What_the_schema_requires_is_asked_for_by_the_name_a_caller_would_use(string model, string common, string path) =>
        Assert.Equal("is required by this model", Assert.Single(Refused(ErrorKind.InvalidInput, model, common).Errors[path]));

    [Theory]
    [InlineData("stability-ai/sdxl", """{"steps":20}""", """{"num_inference_steps":30}""", "$.steps", "$.input.num_inference_steps")]
    [InlineData("stability-ai/sdxl", """{"prompt":"a"}""", """{"prompt":"b"}""", "$.prompt", "$.input.prompt")]
    [InlineData(
        "black-forest-labs/flux-schnell", """{"prompt":"a","width":1024,"height":1024}""", """{"aspect_ratio":"16:9"}""", "$.width",
        "$.input.aspect_ratio")]
    [InlineData(
        "black-forest-labs/flux-schnell", """{"prompt":"a","width":1024,"height":1024,"aspect_ratio":"16:9"}""", "{}", "$.width",
        "$.aspect_ratio")]
    [InlineData(
        "black-forest-labs/flux-1.1-pro", """{"prompt":"a","width":1024,"height":1024,"aspect_ratio":"16:9"}""", "{}", "$.width",
        "$.aspect_ratio")]
    public void Two_values_for_one_input_are_refused_naming_both(string model, string common, string input, string one, string other)
    {
        var refusal = Refused(ErrorKind.InvalidRequest, model, common, input);
        Assert.Equal(new[] { one, other }.Order(StringComparer.Ordinal), refusal.Errors.Keys.Order(StringComparer.Ordinal));
        Assert.Contains(other, Assert.Single(refusal.Errors[one]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"steps":20}""", """{"num_inference_steps":20.0}""", """{"num_inference_steps":20}""")]
    [InlineData("""{"prompt":"a"}""", """{"prompt":"\u0061"}""", """{"prompt":"a"}""")]
    [InlineData("""{"width":512}""", """{"width":5.12e2}""", """{"width":512}""")]
    [InlineData("""{"steps":20}""", """{"num_inference_steps":null}""", """{"num_inference_steps":20}""")]
    public void The_same_value_twice_is_no_contradiction(string common, string input, string sent) =>
        Assert.Equal(sent, Map("stability-ai/sdxl", common, input).ToJson());

    [Fact]
    public void What_was_sent_can_be_posted_again_as_input()
    {
        var sent = Map("black-forest-labs/flux-schnell", """{"prompt":"a","width":1920,"height":1080,"steps":4,"seed":5}""").ToJson();
        Assert.Equal(sent, Map("black-forest-labs/flux-schnell", "{}", sent).ToJson());
    }

    [Theory]
    [InlineData("""{"prompt":"a","width":1024}""", "$.height")]
    [InlineData("""{"prompt":"a","height":1024}""", "$.width")]
    [InlineData("""{"prompt":"a","width":0,"height":1024}""", "$.width")]
    [InlineData("""{"prompt":"a","width":"1024","height":1024}""", "$.width")]
    [InlineData("""{"prompt":"a","width":1024,"height":16385}""", "$.height")]
    public void A_shape_needs_two_sensible_sides(string common, string path) =>
        Assert.Contains(path, Refused(ErrorKind.InvalidInput, "black-forest-labs/flux-schnell", common).Errors.Keys);

    [Fact]
    public void A_model_that_wants_both_sides_for_a_custom_shape_is_not_given_one()
    {
        Assert.Contains(
            "$.height", Refused(ErrorKind.InvalidInput, "black-forest-labs/flux-1.1-pro", """{"prompt":"a","width":1024}""").Errors.Keys);
        Assert.Equal(
            """{"prompt":"a","aspect_ratio":"custom","width":1024,"height":768}""",
            Map("black-forest-labs/flux-1.1-pro", """{"prompt":"a","width":1024}""", """{"height":768}""").ToJson());
    }

    [Fact]
    public void Text_that_is_no_unicode_is_refused() =>
        Assert.Contains(
            "surrogate", Refused(ErrorKind.InvalidInput, "stability-ai/sdxl", """{"prompt":"\ud800"}""").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[]")]
    [InlineData("\"a\"")]
    public void Input_must_be_an_object(string input) =>
        Assert.Contains("$.input", Refused(ErrorKind.InvalidRequest, "stability-ai/sdxl", "{}", input).Errors.Keys);

    [Fact]
    public void A_model_that_tells_nothing_gets_what_the_caller_gives()
    {
        var sent = Map(
            InputSchema.Unknown, """{"prompt":"a","seed":3,"width":64}""",
            JsonElement.Parse("""{"whatever":[1],"seed":3.0,"none":null}"""));
        Assert.Equal("""{"prompt":"a","seed":3,"width":64,"whatever":[1]}""", sent.ToJson());
        Assert.Equal(3, sent.Seed);
        Assert.False(sent.TakesSeed);
        var refusal = Assert.Throws<GenApiException>(() => Map(InputSchema.Unknown, """{"steps":3}""", default));
        Assert.Contains("$.steps", refusal.Errors.Keys);
        var contradiction = Assert.Throws<GenApiException>(
            () => Map(InputSchema.Unknown, """{"seed":3}""", JsonElement.Parse("""{"seed":4}""")));
        Assert.Equal(ErrorKind.InvalidRequest, contradiction.Kind);
    }

    [Fact]
    public void A_default_written_out_is_the_same_request()
    {
        var plain = Map("stability-ai/sdxl", """{"prompt":"a","seed":5}""");
        var spelled = Map(
            "stability-ai/sdxl", """{"seed":5.0,"guidance":7.50,"width":1024,"prompt":"a"}""",
            """{"scheduler":"K_EULER","refine_steps":null}""");
        Assert.Equal(CanonicalJson.Write(plain.ForKey), CanonicalJson.Write(spelled.ForKey));
        Assert.NotEqual(
            CanonicalJson.Write(plain.ForKey),
            CanonicalJson.Write(Map("stability-ai/sdxl", """{"prompt":"a","seed":5,"guidance":7.51}""").ForKey));
        Assert.Equal("""{"prompt":"a","seed":5}""", plain.ToJson());
    }

    [Fact]
    public void A_seed_can_be_put_in_taken_out_and_read()
    {
        var input = Map("stability-ai/sdxl", """{"prompt":"a","width":512}""");
        Assert.Null(input.Seed);
        var seeded = input.WithSeed(42);
        Assert.Equal(42, seeded.Seed);
        Assert.Equal("""{"prompt":"a","width":512,"seed":42}""", seeded.ToJson());
        Assert.Equal("""{"prompt":"a","width":512,"seed":43}""", seeded.WithSeed(43).ToJson());
        Assert.Equal(input.ToJson(), seeded.WithoutSeed().ToJson());
        Assert.Equal(
            CanonicalJson.Write(seeded.ForKey),
            CanonicalJson.Write(Map("stability-ai/sdxl", """{"prompt":"a","width":512,"seed":42}""").ForKey));
        Assert.Equal("a", seeded.Prompt);
    }

    [Fact]
    public void A_schemas_own_seed_is_no_default_of_the_key() =>
        Assert.DoesNotContain(
            Map("philz1337x/clarity-upscaler", """{"image":"https://a.example/1"}""").ForKey, member => member.Key == "seed");

    private static NormalisedInput Map(string model, string common, string? input = null) =>
        Map(KnownSchemas.Of(model), common, input is null ? default : JsonElement.Parse(input));

    private static NormalisedInput Map(InputSchema schema, string common, JsonElement input) =>
        InputNames.Map(
            schema, JsonElement.Parse(common).EnumerateObject().ToDictionary(member => member.Name, member => member.Value), input);

    private static GenApiException Refused(ErrorKind kind, string model, string common, string? input = null)
    {
        var refusal = Assert.Throws<GenApiException>(() => Map(model, common, input));
        Assert.Equal(kind, refusal.Kind);
        return refusal;
    }
}
