namespace GenApi.Sandbox.Models;

/// <summary>Every model the sandbox knows, found by name or by version.</summary>
internal static class Catalogue
{
    public static readonly IReadOnlyList<ModelDefinition> Models =
    [
        CommunityModels.Sdxl,
        CommunityModels.StableDiffusion,
        CommunityModels.SdxlLightning,
        OfficialModels.FluxSchnell,
        OfficialModels.FluxDev,
        OfficialModels.FluxPro,
        OfficialModels.StableDiffusion35,
        OfficialModels.Recraft,
        OfficialModels.Imagen,
        OfficialModels.Ideogram,
        .. TestModels.All,
        .. MixedModels.All,
        TextModels.Canary,
        TextModels.HelloWorld,
    ];

    private static readonly Dictionary<string, ModelDefinition> ByName =
        Models.ToDictionary(m => m.FullName, StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, (ModelDefinition Model, ModelVersion Version)> ByVersion =
        Models.SelectMany(m => m.Versions, (m, v) => (Model: m, Version: v)).ToDictionary(p => p.Version.Id, StringComparer.Ordinal);

    public static ModelDefinition? Find(string owner, string name) => ByName.GetValueOrDefault($"{owner}/{name}");

    /// <summary>
    /// Resolves what <c>version</c> may hold: 64 hex digits, <c>owner/name:</c> and 64 hex digits, or the bare name of an official model.
    /// </summary>
    public static (ModelDefinition Model, ModelVersion Version)? Resolve(string reference)
    {
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 && ByName.TryGetValue(reference, out var named))
            return named.Official ? (named, named.Versions[0]) : null;
        if (!ByVersion.TryGetValue(colon < 0 ? reference : reference[(colon + 1)..], out var found))
            return null;
        return colon < 0 || string.Equals(found.Model.FullName, reference[..colon], StringComparison.OrdinalIgnoreCase) ? found : null;
    }
}
