namespace GenApi.Core.Models.Settings;

/// <summary>The section <c>Models</c>: which models callers may name, and how.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    internal const int LongestRefreshMinutes = 525_600;

    /// <summary>The model of a request without one: an alias, <c>owner/name</c> or <c>owner/name:version</c>.</summary>
    public string Default { get; set; } = "sdxl";

    /// <summary>
    /// Maps short names to models; case does not matter. A setting replaces the entry of the same name and leaves the others; an empty one
    /// removes the entry. Community models are pinned to a version, so that the same request means the same image next year; official ones
    /// have no version to pin.
    /// </summary>
    public Dictionary<string, ModelAlias> Aliases { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sdxl"] = new()
        {
            Model = "stability-ai/sdxl:7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc",
        },
        ["sd"] = new()
        {
            Model = "stability-ai/stable-diffusion:ac732df83cea7fff18b8472768c88ad041fa750ff7682a21affe81863cbe77e4",
        },
        ["sdxl-lightning"] = new()
        {
            Model = "bytedance/sdxl-lightning-4step:5599ed30703defd1d160a25a63321b4dec97101d98b4674bcc56e41f62f35637",
        },
        ["flux-schnell"] = new() { Model = "black-forest-labs/flux-schnell" },
        ["flux-dev"] = new() { Model = "black-forest-labs/flux-dev" },
        ["flux-1.1-pro"] = new() { Model = "black-forest-labs/flux-1.1-pro" },
        ["sd-3.5-large"] = new() { Model = "stability-ai/stable-diffusion-3.5-large" },
    };

    /// <summary>Whether callers may name any model of the upstream, or only the aliases.</summary>
    public bool AllowAny { get; set; } = true;

    /// <summary>The age in minutes at which a model without a pinned version is read again; 1 to 525,600 (a year).</summary>
    public int RefreshMinutes { get; set; } = 60;

    /// <summary>
    /// The price of a second of each machine, in US dollars, by Replicate's SKU. A setting replaces the price of the same name and leaves
    /// the others.
    /// </summary>
    public Dictionary<string, decimal> Hardware { get; } = new(DefaultPrices.Hardware, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The price of a run, by <c>owner/name</c> or <c>owner/name:version</c>. A price set for a model replaces the one that ships with
    /// GenApi; an empty one removes it: then no cost is reported, rather than a wrong one. An alias may have its own price.
    /// </summary>
    public Dictionary<string, PriceOptions> Prices { get; } = new(DefaultPrices.Models, StringComparer.OrdinalIgnoreCase);
}

/// <summary>
/// The target of a short name. In the configuration it is either the reference alone or an object with <see cref="Model"/>; an object
/// without it changes the alias of that name.
/// </summary>
[EntryMember(nameof(Model))]
public sealed class ModelAlias
{
    /// <summary><c>owner/name</c> or <c>owner/name:version</c>.</summary>
    public string Model { get; set; } = "";

    /// <summary>
    /// The colour of a mask that this model repaints, by whatever name the model is requested. Absent: as the model describes its input
    /// <c>mask</c>. A caller's <c>mask</c> is white where to repaint, and is inverted for a model that repaints black.
    /// </summary>
    public MaskColour? MaskRepaints { get; set; }

    /// <summary>The price of this very model or version; null: the one in <see cref="ModelOptions.Prices"/>.</summary>
    public PriceOptions? Price { get; set; }

    /// <summary>Null: the model is not kept warm.</summary>
    public KeepWarmOptions? KeepWarm { get; set; }
}
