namespace GenApi.Core.Models.Settings;

/// <summary>The section <c>Models</c>: which models callers may name, and how.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    internal const int LongestRefreshMinutes = 525_600;

    /// <summary>The model of a request that names none.</summary>
    /// <value>an alias, <c>owner/name</c> or <c>owner/name:version</c></value>
    public string Default { get; set; } = "sdxl";

    /// <summary>
    /// Short names for models; case does not matter. Pin community models to a version, so that the same request gives the same picture
    /// next year. Official models have no versions to pin. An entry replaces the earlier entry with its name and leaves the others; an
    /// empty value removes it.
    /// </summary>
    /// <value>a name and <c>owner/name</c> or <c>owner/name:version</c></value>
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

    /// <summary>Lets callers name any model of the upstream. If false, they may name only the aliases.</summary>
    public bool AllowAny { get; set; } = true;

    /// <summary>
    /// The number of minutes for which GenApi uses what it knows about a model without a pinned version. Then it reads the model again.
    /// </summary>
    /// <value>1 to 525,600</value>
    public int RefreshMinutes { get; set; } = 60;

    /// <summary>
    /// The price per second of each machine, by Replicate's SKU, in US dollars. An entry replaces the earlier entry with its name and
    /// leaves the others.
    /// </summary>
    /// <value>a SKU and 0 to 1000</value>
    public Dictionary<string, decimal> Hardware { get; } = new(DefaultPrices.Hardware, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The price of a run, by <c>owner/name</c> or <c>owner/name:version</c>. An entry replaces the whole price from an earlier source. An
    /// empty value removes it, so the model has no price rather than a wrong one.
    /// </summary>
    /// <value>a model and its price</value>
    public Dictionary<string, PriceOptions> Prices { get; } = new(DefaultPrices.Models, StringComparer.OrdinalIgnoreCase);
}

/// <summary>
/// The target of a short name. In the configuration it is either the reference alone or an object with <see cref="Model"/>; an object
/// without it changes the alias of that name.
/// </summary>
[EntryMember(nameof(Model))]
public sealed class ModelAlias
{
    /// <summary>The model that the alias stands for. An entry without it changes the alias of that name from an earlier source.</summary>
    /// <value><c>owner/name</c> or <c>owner/name:version</c></value>
    public string Model { get; set; } = "";

    /// <summary>
    /// The mask colour that this model repaints. Empty: as the model's description of its input <c>mask</c> says. Callers always send white
    /// where to repaint; GenApi inverts the mask for a model that repaints black.
    /// </summary>
    public MaskColour? MaskRepaints { get; set; }

    /// <summary>The price of this model or version. Empty: the one in <c>Models:Prices</c>.</summary>
    public PriceOptions? Price { get; set; }

    /// <summary>
    /// The schedule on which GenApi runs the model without a request, so that callers need not wait for a machine to boot.
    /// </summary>
    public KeepWarmOptions? KeepWarm { get; set; }
}
