namespace GenApi.Core.Models.Settings;

/// <summary>
/// The published prices, used if none is set. No API returns prices, so this table ages: an operator who counts money compares it with
/// replicate.com/pricing and with the pages of the models in use.
/// </summary>
internal static class DefaultPrices
{
    /// <summary>US dollars per second by SKU, from replicate.com/pricing on 2026-07-16. The two a40 are older.</summary>
    public static IEnumerable<KeyValuePair<string, decimal>> Hardware =>
    [
        new("cpu-small", 0.000025m),
        new("cpu", 0.0001m),
        new("gpu-t4", 0.000225m),
        new("gpu-a40-small", 0.000575m),
        new("gpu-a40-large", 0.000725m),
        new("gpu-l40s", 0.000975m),
        new("gpu-a100-large", 0.0014m),
        new("gpu-a100-large-2x", 0.0028m),
        new("gpu-a100-large-4x", 0.0056m),
        new("gpu-a100-large-8x", 0.0112m),
        new("gpu-h100", 0.001525m),
        new("gpu-h100-2x", 0.00305m),
    ];

    /// <summary>
    /// Prices by <c>owner/name</c>. The SDXL family is estimated: the machines are those named on model pages in 2025 and 2026, the seconds
    /// follow from the price of a run given there (0.0063 / 0.000975 = 6.5 s). The others are per image, from third-party lists of 2025 and
    /// 2026.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, PriceOptions>> Models =>
    [
        new("stability-ai/sdxl", new() { Hardware = "gpu-l40s", TypicalSeconds = 6.5 }),
        new("stability-ai/stable-diffusion", new() { Hardware = "gpu-l40s", TypicalSeconds = 3.5 }),
        new("bytedance/sdxl-lightning-4step", new() { Hardware = "gpu-l40s", TypicalSeconds = 2 }),
        new("black-forest-labs/flux-schnell", new() { PerImage = 0.003m }),
        new("black-forest-labs/flux-dev", new() { PerImage = 0.025m }),
        new("black-forest-labs/flux-1.1-pro", new() { PerImage = 0.04m }),
        new("stability-ai/stable-diffusion-3.5-large", new() { PerImage = 0.065m }),
    ];
}
