using System.Text.Json;

namespace GenApi.Doors.Automatic1111;

/// <summary>A request in the names of AUTOMATIC1111's web UI, checked for its form. The model is not known yet.</summary>
internal sealed record WebUiRequest
{
    /// <summary>From <c>override_settings.sd_model_checkpoint</c>; null: the model that the key has chosen.</summary>
    public string? Model { get; init; }

    /// <summary>True if <see cref="Model"/> becomes the key's model for later requests.</summary>
    public bool KeepsModel { get; init; }

    /// <summary>Null: none was given, or only spaces.</summary>
    public string? Prompt { get; init; }

    /// <summary>Null: none was given, or only spaces.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>The seed of the first image; each further image has the next one. Null: any.</summary>
    public long? Seed { get; init; }

    public int? Steps { get; init; }

    public double? Guidance { get; init; }

    /// <summary>In pixels; null: neither side was given.</summary>
    public int? Width { get; init; }

    /// <summary>In pixels; null: neither side was given.</summary>
    public int? Height { get; init; }

    public int BatchSize { get; init; } = 1;

    public int Iterations { get; init; } = 1;

    /// <summary>The number of images: <see cref="BatchSize"/> times <see cref="Iterations"/>.</summary>
    public int Count => BatchSize * Iterations;

    public string? Sampler { get; init; }

    /// <summary>The schedule of noise; null: none was given, or the automatic one.</summary>
    public string? Scheduler { get; init; }

    /// <summary>The distance from the source image, 0 to 1; null: as the model does by itself.</summary>
    public double? DenoisingStrength { get; init; }

    /// <summary>The source images: base64, data URIs, links or ids.</summary>
    public IReadOnlyList<JsonElement> Sources { get; init; } = [];

    /// <summary>The mask, white where to repaint; undefined: none.</summary>
    public JsonElement Mask { get; init; }

    /// <summary>True if the mask is black where to repaint.</summary>
    public bool IsMaskInverted { get; init; }

    /// <summary>True if the answer holds the images.</summary>
    public bool SendsImages { get; init; } = true;

    /// <summary>The format of the images: <c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public string Format { get; init; } = "png";

    /// <summary>Members that the web UI does not have. They may be inputs of the model.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extras { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Members that change an image of the web UI and none of ours.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];
}
