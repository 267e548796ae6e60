using static GenApi.Sandbox.Models.InputProperty;

namespace GenApi.Sandbox.Models;

/// <summary>
/// Models that are called by name. Names, ranges and defaults are those of the real ones in January 2025; imagen-4 is later, and its
/// version id is made up.
/// </summary>
internal static class OfficialModels
{
    private const string FluxRatios = "1:1 16:9 21:9 3:2 2:3 4:5 5:4 3:4 4:3 9:16 9:21";

    private static readonly InputProperty Prompt = Text("prompt", "What to paint", required: true);
    private static readonly InputProperty Seed = Integer("seed", "Random seed; set it for a picture that can be made again");
    private static readonly InputProperty FormatInput = Choice("output_format", "Format of the files", "webp jpg png");
    private static readonly InputProperty Safety = Flag("disable_safety_checker", "Switch the safety checker off", false);

    public static readonly ModelDefinition FluxSchnell = new(
        "black-forest-labs", "flux-schnell", "The fastest flux model, for local development and personal use")
    {
        CreatedAt = "2024-07-30T00:32:11.473557Z",
        RunCount = 190_430_275,
        ExampleInput =
            """{"prompt":"a red fox asleep in fresh snow, morning light","aspect_ratio":"3:2","""
            + """ "num_outputs":1,"output_format":"webp","seed":1234}""",
        CogVersion = "0.11.6",
        Versions = [new("53d5d1586a229bd033e060941789bfb0c177cefd5ef638f34b3099658343a897", "2024-12-19T23:04:31.620016Z")],
        BaseTime = TimeSpan.FromSeconds(0.25),
        StepTime = TimeSpan.FromMilliseconds(110),
        ZeroSeedIsRandom = true,
        Inputs =
        [
            Prompt,
            Choice("aspect_ratio", "Shape of the picture", FluxRatios),
            Integer("num_outputs", "How many pictures", 1, 1, 4),
            Integer("num_inference_steps", "Number of denoising steps; 4 is recommended", 4, 1, 4),
            Seed,
            FormatInput,
            Integer("output_quality", "Quality from 0 to 100; png does not use it", 80, 0, 100),
            Safety,
            Flag("go_fast", "Run with reduced precision: faster, and not repeatable to the bit", true),
            Choice("megapixels", "About how many megapixels", "1 0.25"),
        ],
    };

    public static readonly ModelDefinition FluxDev = new(
        "black-forest-labs", "flux-dev", "A 12 billion parameter model that makes pictures from text")
    {
        CreatedAt = "2024-07-29T23:25:06.100855Z",
        RunCount = 8_565_312,
        CogVersion = "0.9.21",
        Versions = [new("7863d1ba11a1bb115732a12488486eb8bb3d54ae62cff189f1677a31dbcdfd2e", "2024-12-20T21:07:57.469617Z")],
        StepTime = TimeSpan.FromMilliseconds(85),
        ZeroSeedIsRandom = true,
        Inputs =
        [
            Prompt,
            Choice("aspect_ratio", "Shape of the picture", FluxRatios),
            File("image", "Picture to start from; its shape is kept"),
            Number("prompt_strength", "How much of the start picture is given up; 1 is all of it", 0.8, 0, 1),
            Integer("num_outputs", "How many pictures", 1, 1, 4),
            Integer("num_inference_steps", "Number of denoising steps; 28 to 50 is recommended", 28, 1, 50),
            Number("guidance", "Guidance", 3, 0, 10),
            Seed,
            FormatInput,
            Integer("output_quality", "Quality from 0 to 100; png does not use it", 80, 0, 100),
            Safety,
            Flag("go_fast", "Run with reduced precision: faster, and not repeatable to the bit", true),
            Choice("megapixels", "About how many megapixels", "1 0.25"),
        ],
    };

    public static readonly ModelDefinition FluxPro = new("black-forest-labs", "flux-1.1-pro", "A faster and better flux pro")
    {
        CreatedAt = "2024-09-30T19:23:11.000000Z",
        RunCount = 10_345_046,
        CogVersion = "0.10.0-alpha25",
        Versions = [new("badb73d13c01c716f59b538fae81023a6c0a4f3aaedd00d477602c204c9e1232", "2024-11-25T18:19:16.328690Z")],
        BaseTime = TimeSpan.FromSeconds(3.2),
        Output = OutputShape.SingleFile,
        Log = LogStyle.Words,
        Inputs =
        [
            Prompt,
            File("image_prompt", "Picture that guides the composition"),
            Choice("aspect_ratio", "Shape of the picture", "custom 1:1 16:9 3:2 2:3 4:5 5:4 9:16 3:4 4:3", "1:1"),
            Integer("width", "Width in pixels, with aspect_ratio custom only; rounded to a multiple of 32", null, 256, 1440),
            Integer("height", "Height in pixels, with aspect_ratio custom only; rounded to a multiple of 32", null, 256, 1440),
            Integer("safety_tolerance", "1 is the strictest, 6 the most permissive", 2, 1, 6),
            Seed,
            Flag("prompt_upsampling", "Let the model embroider the prompt", false),
            FormatInput,
            Integer("output_quality", "Quality from 0 to 100; png does not use it", 80, 0, 100),
        ],
    };

    public static readonly ModelDefinition StableDiffusion35 = new(
        "stability-ai", "stable-diffusion-3.5-large", "Pictures of high resolution with fine detail, in many styles")
    {
        CreatedAt = "2024-10-21T20:53:19.435144Z",
        RunCount = 327_010,
        Versions = [new("e6c4657fe1b3f078fb26d68a1413bc8013e2b085504dd84a33e26e16fb95a593", "2024-10-22T15:19:32.599322Z")],
        BaseTime = TimeSpan.FromSeconds(0.5),
        StepTime = TimeSpan.FromMilliseconds(130),
        Inputs =
        [
            Text("prompt", "What to paint", ""),
            Choice("aspect_ratio", "Shape of the picture", FluxRatios),
            Number("cfg", "How closely to follow the prompt", 3.5, 0, 20),
            File("image", "Picture to start from; its shape is kept"),
            Number("prompt_strength", "How much of the start picture is given up; 1 is all of it", 0.85),
            Integer("steps", "Number of denoising steps", 35, 1, 50),
            Seed,
            FormatInput,
            Integer("output_quality", "Quality from 0 to 100; png does not use it", 90, 0, 100),
        ],
    };

    public static readonly ModelDefinition Recraft = new(
        "recraft-ai", "recraft-v3", "A model that can write long texts into pictures of many styles")
    {
        CreatedAt = "2024-10-30T12:51:13.611000Z",
        RunCount = 792_937,
        CogVersion = "0.10.0-alpha25",
        Versions = [new("e06217725b21e2c059a09b3f44b4aef56574173aee9976c9726bdc0f474d7f46", "2024-11-04T13:41:30.416489Z")],
        BaseTime = TimeSpan.FromSeconds(5),
        Output = OutputShape.SingleFile,
        Log = LogStyle.Words,
        Inputs =
        [
            Prompt,
            Choice(
                "size",
                "Width and height of the picture",
                "1024x1024 1365x1024 1024x1365 1536x1024 1024x1536 1820x1024 1024x1820 1024x2048 2048x1024 1434x1024 "
                + "1024x1434 1024x1280 1280x1024 1024x1707 1707x1024"),
            Choice(
                "style",
                "Style of the picture",
                "any realistic_image digital_illustration digital_illustration/pixel_art digital_illustration/hand_drawn "
                + "digital_illustration/grain digital_illustration/infantile_sketch digital_illustration/2d_art_poster "
                + "digital_illustration/handmade_3d digital_illustration/hand_drawn_outline "
                + "digital_illustration/engraving_color digital_illustration/2d_art_poster_2 realistic_image/b_and_w "
                + "realistic_image/hard_flash realistic_image/hdr realistic_image/natural_light "
                + "realistic_image/studio_portrait realistic_image/enterprise realistic_image/motion_blur"),
        ],
    };

    public static readonly ModelDefinition Imagen = new("google", "imagen-4", "Google's flagship model for pictures")
    {
        CreatedAt = "2025-05-20T17:51:41.521000Z",
        RunCount = 1_200_000,
        CogVersion = "0.14.12",
        Versions = [new("1a8b6f4cf1e1f1c6c0c0f2f1d7a8a1f7b2f4b8f7f5e8d1c3b9a7e6d5c4b3a291", "2025-05-20T17:55:02.114000Z")],
        BaseTime = TimeSpan.FromSeconds(6),
        Output = OutputShape.SingleFile,
        Log = LogStyle.Words,
        Inputs =
        [
            Prompt,
            Choice("aspect_ratio", "Shape of the picture", "1:1 9:16 16:9 3:4 4:3"),
            Choice(
                "safety_filter_level",
                "How much is filtered out",
                "block_low_and_above block_medium_and_above block_only_high",
                "block_only_high"),
            Choice("output_format", "Format of the file", "jpg png"),
        ],
    };

    public static readonly ModelDefinition Ideogram = new(
        "ideogram-ai", "ideogram-v2", "A model with exceptional understanding of prompts and writing in pictures")
    {
        CreatedAt = "2024-10-17T18:32:28.411000Z",
        RunCount = 337_332,
        PaintsBlackOfMasks = true,
        CogVersion = "0.10.0-alpha25",
        Versions = [new("d07f7f3ad03f2ec100edeaa91e26ac731d7d00ec369e6a475b80c04bd1101d5d", "2024-10-22T09:27:30.780981Z")],
        BaseTime = TimeSpan.FromSeconds(8),
        Output = OutputShape.SingleFile,
        Log = LogStyle.Words,
        Inputs =
        [
            Prompt,
            Text("negative_prompt", "What to keep out of the picture"),
            Choice(
                "aspect_ratio",
                "Shape of the picture, unless resolution says otherwise",
                "1:1 16:9 9:16 4:3 3:4 3:2 2:3 16:10 10:16 3:1 1:3"),
            Choice(
                "resolution",
                "Width and height; overrides aspect_ratio",
                "None 512x1536 576x1408 576x1472 576x1536 640x1024 640x1344 640x1408 640x1472 640x1536 704x1152 704x1216 "
                + "704x1280 704x1344 704x1408 704x1472 720x1280 736x1312 768x1024 768x1088 768x1152 768x1216 768x1232 "
                + "768x1280 768x1344 832x960 832x1024 832x1088 832x1152 832x1216 832x1248 864x1152 896x960 896x1024 896x1088 "
                + "896x1120 896x1152 960x832 960x896 960x1024 960x1088 1024x640 1024x768 1024x832 1024x896 1024x960 1024x1024 "
                + "1088x768 1088x832 1088x896 1088x960 1120x896 1152x704 1152x768 1152x832 1152x864 1152x896 1216x704 "
                + "1216x768 1216x832 1232x768 1248x832 1280x704 1280x720 1280x768 1280x800 1312x736 1344x640 1344x704 "
                + "1344x768 1408x576 1408x640 1408x704 1472x576 1472x640 1472x704 1536x512 1536x576 1536x640"),
            Choice("magic_prompt_option", "Let the model embroider the prompt", "Auto On Off"),
            File("image", "Picture to paint into"),
            File("mask", "Black areas are repainted, white ones stay"),
            Choice("style_type", "Style of the picture", ["None", "Auto", "General", "Realistic", "Design", "Render 3D", "Anime"]),
            Seed,
        ],
    };
}
