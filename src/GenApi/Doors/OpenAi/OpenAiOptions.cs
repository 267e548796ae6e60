using GenApi.Core.Models.Settings;

namespace GenApi.Doors.OpenAi;

/// <summary>Section <c>Doors:OpenAi</c>: the OpenAI Images API.</summary>
public sealed class OpenAiOptions
{
    public const string Section = "Doors:OpenAi";

    internal const string Url = "url", Base64 = "b64_json";

    /// <summary>
    /// Names that programs have built in, and the models that run under them. A name that ends with <c>*</c> stands for every name with
    /// that beginning; an exact name and an alias of <c>Models:Aliases</c> come first. An entry replaces the earlier entry with its name
    /// and leaves the others; an empty value removes it.
    /// </summary>
    /// <value>a name and an alias, <c>owner/name</c> or <c>owner/name:version</c></value>
    public Dictionary<string, OpenAiModel> Models { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gpt-image-1"] = new() { Model = "flux-1.1-pro", EditModel = "sdxl" },
        ["gpt-image-1-mini"] = new() { Model = "flux-schnell", EditModel = "sdxl" },
        ["gpt-image-1.5"] = new() { Model = "flux-1.1-pro", EditModel = "sdxl" },
        ["gpt-image-2"] = new() { Model = "flux-1.1-pro", EditModel = "sdxl" },
        ["gpt-image-*"] = new() { Model = "flux-1.1-pro", EditModel = "sdxl" },
        ["chatgpt-image-*"] = new() { Model = "flux-1.1-pro", EditModel = "sdxl" },
        ["dall-e-2"] = new() { Model = "sdxl", EditModel = "sdxl" },
        ["dall-e-3"] = new() { Model = "flux-1.1-pro", EditModel = "sdxl" },
        ["dall-e-*"] = new() { Model = "flux-1.1-pro", EditModel = "sdxl" },
    };
}

/// <summary>The model behind a name of the OpenAI Images API.</summary>
[EntryMember(nameof(Model))]
public sealed class OpenAiModel
{
    /// <summary>The model that runs under the name.</summary>
    /// <value>an alias, <c>owner/name</c> or <c>owner/name:version</c></value>
    public string Model { get; set; } = "";

    /// <summary>The model for edits and variations. Empty: the same one.</summary>
    /// <value>an alias, <c>owner/name</c> or <c>owner/name:version</c></value>
    public string? EditModel { get; set; }

    /// <summary>
    /// The answer to a request without <c>response_format</c>. Empty: <c>url</c> for names that begin with <c>dall-e</c>, otherwise
    /// <c>b64_json</c>.
    /// </summary>
    /// <value><c>url</c>, <c>b64_json</c></value>
    public string? ResponseFormat { get; set; }
}
