using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace GenApi.Doors.Mcp;

/// <summary>
/// The tools as clients see them. The schemas show the arguments that models use; every other member of POST /generate is taken too.
/// </summary>
internal static class McpTools
{
    public static Tool GenerateImage { get; } = Of(
        "generate_image", "Makes images from a prompt. Returns previews, links and an id; after 50 seconds the id alone.",
        """
        {"type":"object","required":["prompt"],"properties":{
        "prompt":{"type":"string"},
        "model":{"type":"string","description":"From list_models; absent: the default."},
        "aspect_ratio":{"type":"string","description":"Such as 16:9. Or width and height."},
        "width":{"type":"integer"},"height":{"type":"integer"},
        "seed":{"type":"integer","description":"Repeats an image."},
        "num_outputs":{"type":"integer"},
        "negative_prompt":{"type":"string"},
        "input":{"type":"object","description":"More, by the model's own names."}}}
        """,
        new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = false, OpenWorldHint = true });

    public static Tool EditImage { get; } = Of(
        "edit_image", "Makes a new image from an image and a prompt. Returns the same as generate_image.",
        """
        {"type":"object","required":["image","prompt"],"properties":{
        "image":{"type":"string","description":"An id (img_…), a link from a result, or an https URL."},
        "prompt":{"type":"string"},
        "model":{"type":"string","description":"One that takes image."},
        "mask":{"type":"string","description":"As image: white is repainted."},
        "strength":{"type":"number","description":"0 keeps the image, 1 ignores it."},
        "seed":{"type":"integer"},"num_outputs":{"type":"integer"},
        "input":{"type":"object","description":"More, by the model's own names."}}}
        """,
        new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = false, OpenWorldHint = true });

    public static Tool GetGeneration { get; } = Of(
        "get_generation", "Waits for a generation and returns its images, as generate_image does.",
        """
        {"type":"object","required":["generation_id"],"properties":{
        "generation_id":{"type":"string"},
        "wait_seconds":{"type":"integer","minimum":0,"maximum":50}}}
        """,
        new ToolAnnotations { ReadOnlyHint = true, OpenWorldHint = false });

    public static Tool CancelGeneration { get; } = Of(
        "cancel_generation", "Cancels a generation that is still running.",
        """{"type":"object","required":["generation_id"],"properties":{"generation_id":{"type":"string"}}}""",
        new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = true, IdempotentHint = true, OpenWorldHint = false });

    public static Tool ListModels { get; } = Of(
        "list_models", "Lists models with prices. With model: that one, and every input it takes.",
        """
        {"type":"object","properties":{
        "q":{"type":"string","description":"Words to search for."},
        "model":{"type":"string"},"cursor":{"type":"string"}}}
        """,
        new ToolAnnotations { ReadOnlyHint = true, OpenWorldHint = true });

    public static Tool SearchImages { get; } = Of(
        "search_images", "Finds earlier images, newest first.",
        """
        {"type":"object","properties":{
        "q":{"type":"string","description":"Words of the prompt."},
        "model":{"type":"string"},"tag":{"type":"string"},
        "limit":{"type":"integer","minimum":1,"maximum":100},"cursor":{"type":"string"}}}
        """,
        new ToolAnnotations { ReadOnlyHint = true, OpenWorldHint = false });

    private static Tool Of(string name, string description, string schema, ToolAnnotations annotations) =>
        new() { Name = name, Description = description, InputSchema = JsonElement.Parse(schema), Annotations = annotations };
}
