using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Images.Metadata.Reading;

namespace GenApi.Tests.Images.Reading;

/// <summary>The grammars of the tools, where a simpler reading would be wrong.</summary>
public sealed class ToolTextTests
{
    [Theory]
    [InlineData("a fox\nSteps: 20, Sampler: Euler a, Seed: 1", "a fox", null)]
    [InlineData("a fox,\r\nin snow\r\nNegative prompt: bad,\r\nugly\r\nSteps: 20, Sampler: x, Seed: 1", "a fox,\nin snow", "bad,\nugly")]
    // Without a prompt, and with nothing but one.
    [InlineData("Negative prompt: bad\nSteps: 20, Sampler: x, Seed: 1", "", "bad")]
    [InlineData("Steps: 20, Sampler: x, Seed: 1", "", null)]
    [InlineData("a fox: red, snow: white", "a fox: red, snow: white", null)]
    // Two pairs are part of the prompt.
    [InlineData("a fox\nlight: soft, mood: calm", "a fox\nlight: soft, mood: calm", null)]
    // An extension that adds lines.
    [InlineData("a fox\nSteps: 20, Sampler: x, Seed: 1\nTemplate: a {fox|owl}", "a fox", null)]
    [InlineData("say \"Negative prompt: no\"\nNegative prompt:bad\nSteps: 1, Sampler: x, Seed: 1", "say \"Negative prompt: no\"", "bad")]
    public void The_prompts_are_the_lines_before_the_pairs(string text, string prompt, string? negative)
    {
        var info = Infotext.Parse(text);

        Assert.Equal((prompt, negative), (info.Prompt, info.NegativePrompt));
    }

    [Fact]
    public void Values_may_hold_commas_colons_quotes_and_lists()
    {
        const string line = """Steps: 20, Lora hashes: "a: 12, b: 34", Wildcard: "say \"hi\", then\ngo \ud83e\udd8a", CFG scale: 7, """
            + """Hashes: {"model": "x, y"}, Civitai resources: [{"type":"lora","weight":0.8},{"type":"x"}], Script: X/Y plot, """
            + "Empty: , Odd: \"never closed, Seed: 5";

        var pairs = Infotext.Parse("a fox\n" + line).Pairs;

        Assert.Equal(
            [
                ("Steps", "20"), ("Lora hashes", "a: 12, b: 34"), ("Wildcard", "say \"hi\", then\ngo 🦊"), ("CFG scale", "7"),
                ("Hashes", """{"model": "x, y"}"""), ("Civitai resources", """[{"type":"lora","weight":0.8},{"type":"x"}]"""),
                ("Script", "X/Y plot"), ("Empty", ""), ("Odd", "\"never closed"), ("Seed", "5"),
            ],
            pairs);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void The_order_of_UTF_16_is_that_of_the_text_and_not_of_the_block(bool isTextBig, bool isBlockBig)
    {
        const string text = "狐の森, Füchslein\nSteps: 20";
        byte[] value = [.. "UNICODE\0"u8, .. (isTextBig ? Encoding.BigEndianUnicode : Encoding.Unicode).GetBytes(text), 0];

        Assert.Equal(text, UserComment.Decode(value, isBlockBig));
    }

    [Fact]
    public void A_comment_without_or_with_another_prefix_is_plain_text()
    {
        Assert.Equal("Füchslein", UserComment.Decode("Füchslein\0"u8, true));
        Assert.Equal("Füchslein", UserComment.Decode(Encoding.Latin1.GetBytes("Füchslein"), true));
        Assert.Equal("a fox", UserComment.Decode("ASCII\0\0\0a fox"u8, true));
        Assert.Equal("a fox", UserComment.Decode("\0\0\0\0\0\0\0\0a fox"u8, false));
        Assert.Equal("狐", UserComment.Decode([.. "UNICODE\0"u8, 0xFF, 0xFE, 0xD0, 0x72], true));
        Assert.Equal("", UserComment.Decode("UNICODE\0"u8, true));
    }

    [Theory]
    [InlineData("""{"a":NaN,"b":[Infinity,-Infinity,-1],"c":"NaN \" -Infinity"}""",
        """{"a":null,"b":[null,null,-1],"c":"NaN \" -Infinity"}""")]
    [InlineData("\uFEFF {\"a\":1}\0\0", """{"a":1}""")]
    [InlineData("""{"a":"\ud83e\udd8a\\ud83e"}""", """{"a":"🦊\\ud83e"}""")]
    [InlineData("""{"a":"\u0000\udd8a"}""", """{"a":"\uFFFD"}""")]
    [InlineData("{\"a\":\"\\\"", null)]
    [InlineData("""{"a":"\ud83""", null)]
    [InlineData("Infinity is not enough", null)]
    public void JSON_of_Python_is_read(string text, string? expected)
    {
        var found = ToolJson.Parse(text);

        if (expected is null)
            Assert.Null(found);
        else
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(JsonSerializer.Serialize(found!.Value))));
    }

    /// <summary>An attribute can't hold it.</summary>
    [Fact]
    public void Half_of_a_surrogate_pair_without_an_escape_is_read_too() =>
        Assert.Equal("x\uFFFD", ToolJson.Parse("{\"a\":\"x\uD83E\"}")!.Value.Text("a"));

    /// <summary>The second sampler enlarges what the first one made; both are led through nodes that change conditions.</summary>
    [Fact]
    public void The_first_pass_of_a_graph_counts_and_links_are_followed_through_other_nodes()
    {
        const string graph = """
            {"1":{"class_type":"KSampler","inputs":{"seed":2,"steps":10,"cfg":3,"sampler_name":"x","scheduler":"y","denoise":0.5,
              "model":["9",0],"positive":["3",0],"negative":["3",1],"latent_image":["8",0]}},
             "2":{"class_type":"KSampler","inputs":{"seed":["11",3],"steps":20,"cfg":7,"sampler_name":"x","scheduler":"y","denoise":1,
              "model":["9",0],"positive":["3",0],"negative":["3",1],"latent_image":["7",0]}},
             "3":{"class_type":"ControlNetApplyAdvanced","inputs":{"positive":["4",0],"negative":["6",0],"strength":1}},
             "4":{"class_type":"ConditioningCombine","inputs":{"conditioning_1":["5",0],"conditioning_2":["10",0]}},
             "5":{"class_type":"CLIPTextEncodeSDXL","inputs":{"text_g":"a fox","text_l":"a fox","width":4096,"height":4096,"clip":["9",1]}},
             "6":{"class_type":"ConditioningZeroOut","inputs":{"conditioning":["5",0]}},
             "7":{"class_type":"EmptyLatentImage","inputs":{"width":640,"height":["12",0],"batch_size":1}},
             "8":{"class_type":"LatentUpscale","inputs":{"samples":["2",0],"width":1280,"height":960}},
             "9":{"class_type":"CheckpointLoaderSimple","inputs":{"ckpt_name":"x.safetensors"}},
             "10":{"class_type":"CLIPTextEncode","inputs":{"text":"in snow","clip":["9",1]}},
             "11":{"class_type":"Seed (rgthree)","inputs":{"seed":18446744073709551615}},
             "12":{"class_type":"PrimitiveInt","inputs":{"value":480}},
             "13":{"class_type":"SaveImage","inputs":{"images":["14",0]}},"14":{"class_type":"VAEDecode","inputs":{"samples":["1",0]}}}
            """;

        var settings = Read(("prompt", graph))!;

        Assert.Equal(SettingsSource.Comfyui, settings.Source);
        Assert.Equal(("a fox\nin snow", null, 640m, 480m, 20m, 7m), (settings.Prompt, settings.NegativePrompt, settings.Width,
            settings.Height, settings.Steps, settings.Guidance));
        Assert.Equal((18446744073709551615m, "x.safetensors"), (settings.Seed, settings.Checkpoint));
        Assert.Contains(settings.Notes, note => note.Contains("2 passes", StringComparison.Ordinal));
    }

    [Fact]
    public void A_loader_that_does_everything_has_the_texts_itself()
    {
        const string graph = """
            {"1":{"class_type":"KSampler (Efficient)","inputs":{"seed":7,"steps":9,"cfg":5.5,"sampler_name":"x","scheduler":"y","denoise":1,
              "model":["2",0],"positive":["2",1],"negative":["2",2],"latent_image":["2",3]}},
             "2":{"class_type":"Efficient Loader","inputs":{"ckpt_name":"x.safetensors","positive":"a fox","negative":"bad",
              "empty_latent_width":512,"empty_latent_height":768}}}
            """;

        var settings = Read(("prompt", graph))!;

        Assert.Equal(("a fox", "bad", 512m, 768m, 7m), (settings.Prompt, settings.NegativePrompt, settings.Width, settings.Height,
            settings.Seed));
    }

    [Fact]
    public void What_a_graph_does_not_hold_is_named_in_a_note()
    {
        const string graph = """
            {"1":{"class_type":"KSampler","inputs":{"seed":7,"positive":["2",0],"latent_image":["4",0],"denoise":0.6}},
             "2":{"class_type":"CLIPTextEncode","inputs":{"text":["3",0],"clip":["9",0]}},
             "3":{"class_type":"LLM Prompt Writer","inputs":{"temperature":1}},
             "4":{"class_type":"VAEEncode","inputs":{"pixels":["5",0]}},"5":{"class_type":"LoadImage","inputs":{"image":"x.png"}}}
            """;

        var settings = Read(("prompt", graph))!;

        Assert.Null(settings.Prompt);
        Assert.Contains(settings.Notes, note => note.Contains("`LLM Prompt Writer`", StringComparison.Ordinal));
        Assert.Contains(settings.Notes, note => note.Contains("made from another picture", StringComparison.Ordinal));
        Assert.Contains(Read(("workflow", """{"nodes":[]}"""))!.Notes, note => note.Contains("workflow", StringComparison.Ordinal));
    }

    /// <summary>A node that saves pictures may write both; the text says what ran, the graph only how.</summary>
    [Fact]
    public void A_text_stands_in_for_a_graph_whose_prompt_is_made_while_it_runs()
    {
        const string graph = """
            {"1":{"class_type":"KSampler","inputs":{"seed":7,"positive":["2",0]}},"2":{"class_type":"X","inputs":{}}}
            """;

        var settings = Read(("prompt", graph), ("parameters", "a fox\nSteps: 20, Sampler: x, Seed: 1"))!;

        Assert.Equal((SettingsSource.A1111, "a fox"), (settings.Source, settings.Prompt));
    }

    [Theory]
    [InlineData("UserComment of a camera", false)]
    [InlineData("{\"app\":\"another tool\"}", false)]
    [InlineData("{a|b} fox\nSteps: 20, Sampler: x, Seed: 1", true)]
    [InlineData("only a prompt", true)]
    public void Under_its_keyword_a_prompt_may_stand_alone_but_JSON_is_another_tools(string text, bool isSettings)
    {
        var keyword = text.StartsWith("UserComment", StringComparison.Ordinal) ? "comment" : "parameters";

        Assert.Equal(isSettings, Read((keyword, text)) is not null);
    }

    private static PictureSettings? Read(params (string, string)[] texts) => SettingsReader.Read(ReadingPictures.Png(texts));
}
