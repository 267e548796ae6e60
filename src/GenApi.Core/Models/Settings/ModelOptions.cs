namespace GenApi.Core.Models.Settings;

/// <summary>Which models callers may name, and how: the section <c>Models</c>.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    internal const int LongestRefreshMinutes = 525_600;

    /// <summary>The model of a request that names none: an alias, <c>owner/name</c> or <c>owner/name:version</c>.</summary>
    public string Default { get; set; } = "sdxl";

    /// <summary>
    /// Short name to model; case does not matter. A setting replaces the entry of the same name and leaves the others; an empty one
    /// takes the entry away. Community models are pinned to a version, so that the same request means the same picture next year;
    /// official ones have none to pin.
    /// </summary>
    public Dictionary<string, ModelAlias> Aliases { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sdxl"] = new() { Model = "stability-ai/sdxl:7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc" },
        ["sd"] = new() { Model = "stability-ai/stable-diffusion:ac732df83cea7fff18b8472768c88ad041fa750ff7682a21affe81863cbe77e4" },
        ["sdxl-lightning"] = new() { Model = "bytedance/sdxl-lightning-4step:5599ed30703defd1d160a25a63321b4dec97101d98b4674bcc56e41f62f35637" },
        ["flux-schnell"] = new() { Model = "black-forest-labs/flux-schnell" },
        ["flux-dev"] = new() { Model = "black-forest-labs/flux-dev" },
        ["flux-1.1-pro"] = new() { Model = "black-forest-labs/flux-1.1-pro" },
        ["sd-3.5-large"] = new() { Model = "stability-ai/stable-diffusion-3.5-large" },
    };

    /// <summary>Whether callers may name any model of the upstream, or only the aliases.</summary>
    public bool AllowAny { get; set; } = true;

    /// <summary>How old what is known of a model without a pinned version may become before it is read again; 1 to 525,600 (a year).</summary>
    public int RefreshMinutes { get; set; } = 60;

    /// <summary>What a second of each machine costs, in US dollars, by Replicate's SKU. A setting replaces the figure of the same name and leaves the others.</summary>
    public Dictionary<string, decimal> Hardware { get; } = new(DefaultPrices.Hardware, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// What a run costs, by <c>owner/name</c> or <c>owner/name:version</c>. A price set for a model takes the place of the one that came with GenApi, and an empty one
    /// takes it away: no cost is told then, rather than a wrong one. An alias may have a price of its own.
    /// </summary>
    public Dictionary<string, PriceOptions> Prices { get; } = new(DefaultPrices.Models, StringComparer.OrdinalIgnoreCase);
}

/// <summary>
/// What a short name stands for. In the configuration either the reference alone or an object with <see cref="Model"/>; one without it
/// changes the alias of that name.
/// </summary>
[EntryMember(nameof(Model))]
public sealed class ModelAlias
{
    /// <summary><c>owner/name</c> or <c>owner/name:version</c>.</summary>
    public string Model { get; set; } = "";

    /// <summary>
    /// Which colour of a mask this model repaints, under whatever name it is asked for. Absent: as the model's own description of its input
    /// <c>mask</c> says. A caller's <c>mask</c> is white where to repaint, and is inverted for a model that repaints black.
    /// </summary>
    public MaskColour? MaskRepaints { get; set; }

    /// <summary>Of this very model or version; null: the one in <see cref="ModelOptions.Prices"/>.</summary>
    public PriceOptions? Price { get; set; }

    /// <summary>Null: it is not kept warm.</summary>
    public KeepWarmOptions? KeepWarm { get; set; }
}
