using static GenApi.Sandbox.Models.InputProperty;

namespace GenApi.Sandbox.Models;

/// <summary>
/// Models that are called by version and may be cold. Names, ranges, defaults and version ids are those of the real ones in January 2025.
/// </summary>
internal static class CommunityModels
{
    private const string Schedulers = "DDIM DPMSolverMultistep HeunDiscrete KarrasDPM K_EULER_ANCESTRAL K_EULER PNDM";

    public static readonly ModelDefinition Sdxl = new(
        "stability-ai", "sdxl", "A text-to-image model that makes detailed pictures of 1024 pixels")
    {
        Official = false,
        CreatedAt = "2023-07-26T17:53:09.882651Z",
        RunCount = 73_719_436,
        ExampleInput =
            """{"width":768,"height":768,"prompt":"an astronaut riding a horse on the moon, golden hour","""
            + """ "refine":"expert_ensemble_refiner","scheduler":"K_EULER","guidance_scale":7.5,"""
            + """ "apply_watermark":false,"num_inference_steps":25,"seed":16010}""",
        CogVersion = "0.9.5",
        Versions =
        [
            new("7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc", "2024-05-23T23:26:26.222931Z"),
            new("39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b", "2023-11-06T23:13:07.906314Z"),
        ],
        BaseTime = TimeSpan.FromSeconds(0.25),
        StepTime = TimeSpan.FromMilliseconds(72),
        BootTime = TimeSpan.FromSeconds(4),
        Inputs =
        [
            Text("prompt", "What to paint", "An astronaut riding a rainbow unicorn"),
            Text("negative_prompt", "What to keep out of the picture", ""),
            File("image", "Picture to start from, for img2img or inpainting"),
            File("mask", "Inpainting mask: black areas stay, white ones are repainted"),
            Integer("width", "Width of the picture in pixels", 1024),
            Integer("height", "Height of the picture in pixels", 1024),
            Integer("num_outputs", "How many pictures", 1, 1, 4),
            Choice("scheduler", "Scheduler", Schedulers, "K_EULER"),
            Integer("num_inference_steps", "Number of denoising steps", 50, 1, 500),
            Number("guidance_scale", "Scale of classifier-free guidance", 7.5, 1, 50),
            Number("prompt_strength", "How much of the start picture is given up; 1 is all of it", 0.8, 0, 1),
            Integer("seed", "Random seed; leave out for a random one"),
            Choice("refine", "Which refiner to use", "no_refiner expert_ensemble_refiner base_image_refiner"),
            Number("high_noise_frac", "Share of noise, for expert_ensemble_refiner", 0.8, 0, 1),
            Integer("refine_steps", "Steps of base_image_refiner; the default is num_inference_steps"),
            Flag("apply_watermark", "Write an invisible watermark", true),
            Number("lora_scale", "Additive scale of LoRA; only for trained models", 0.6, 0, 1),
            Text("replicate_weights", "LoRA weights to use; leave out for the default ones"),
            Flag("disable_safety_checker", "Switch the safety checker off; through the API only", false),
        ],
    };

    public static readonly ModelDefinition StableDiffusion = new(
        "stability-ai", "stable-diffusion", "A latent text-to-image diffusion model")
    {
        Official = false,
        CreatedAt = "2022-08-22T21:37:08.396208Z",
        RunCount = 109_907_423,
        CogVersion = "0.7.2",
        Versions =
        [
            new("ac732df83cea7fff18b8472768c88ad041fa750ff7682a21affe81863cbe77e4", "2023-07-10T06:50:41.613128Z"),
            new("27b93a2413e7f36cd83da926f3656280b2931564ff050bf9575f1fdf9bcd7478", "2022-09-08T18:08:20.471321Z"),
        ],
        BaseTime = TimeSpan.FromSeconds(0.2),
        StepTime = TimeSpan.FromMilliseconds(28),
        BootTime = TimeSpan.FromSeconds(4),
        Inputs =
        [
            Text("prompt", "What to paint", "a vision of paradise. unreal engine"),
            Choice("height", "Height of the picture in pixels", Enumerable.Range(1, 16).Select(n => n * 64), 768),
            Choice("width", "Width of the picture in pixels", Enumerable.Range(1, 16).Select(n => n * 64), 768),
            Text("negative_prompt", "What to keep out of the picture"),
            Integer("num_outputs", "How many pictures", 1, 1, 4),
            Integer("num_inference_steps", "Number of denoising steps", 50, 1, 500),
            Number("guidance_scale", "Scale of classifier-free guidance", 7.5, 1, 20),
            Choice("scheduler", "Scheduler", "DDIM K_EULER DPMSolverMultistep K_EULER_ANCESTRAL PNDM KLMS", "DPMSolverMultistep"),
            Integer("seed", "Random seed; leave out for a random one"),
        ],
    };

    public static readonly ModelDefinition SdxlLightning = new(
        "bytedance", "sdxl-lightning-4step", "SDXL in four steps: pictures of 1024 pixels in about a second")
    {
        Official = false,
        CreatedAt = "2024-02-21T21:33:29.413512Z",
        RunCount = 696_396_241,
        CogVersion = "0.9.23",
        Versions =
        [
            new("5599ed30703defd1d160a25a63321b4dec97101d98b4674bcc56e41f62f35637", "2024-09-16T18:44:45.812819Z"),
        ],
        BaseTime = TimeSpan.FromSeconds(0.4),
        StepTime = TimeSpan.FromMilliseconds(150),
        BootTime = TimeSpan.FromSeconds(3),
        Inputs =
        [
            Text("prompt", "What to paint", "self-portrait of a woman, lightning in the background"),
            Text("negative_prompt", "What to keep out of the picture", "worst quality, low quality"),
            Integer("width", "Width in pixels; 1024 or 1280 is best", 1024, 256, 1280),
            Integer("height", "Height in pixels; 1024 or 1280 is best", 1024, 256, 1280),
            Integer("num_outputs", "How many pictures", 1, 1, 4),
            Choice("scheduler", "Scheduler", Schedulers + " DPM++2MSDE", "K_EULER"),
            Integer("num_inference_steps", "Number of denoising steps; 4 is best", 4, 1, 10),
            Number("guidance_scale", "Scale of classifier-free guidance", 0, 0, 50),
            Integer("seed", "Random seed; leave out for a random one"),
            Flag("disable_safety_checker", "Switch the safety checker off", false),
        ],
    };
}
