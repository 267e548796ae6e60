using System.Collections.Frozen;

namespace GenApi.Doors.Automatic1111;

/// <summary>A sampler or a schedule of noise, as the web UI lists it.</summary>
/// <param name="Name">The name that clients send.</param>
/// <param name="Label">The name that clients show.</param>
/// <param name="Aliases">Other names that the web UI accepts.</param>
internal sealed record Sampler(string Name, string Label, params string[] Aliases);

/// <summary>
/// The web UI's samplers and schedules, and what models at Replicate call them. Clients choose from these lists, and most send their
/// choice with every request.
/// </summary>
internal static class Samplers
{
    private const string Automatic = "automatic", Karras = "karras";

    public static IReadOnlyList<Sampler> All { get; } =
    [
        Of("DPM++ 2M", "k_dpmpp_2m"),
        Of("DPM++ SDE", "k_dpmpp_sde"),
        Of("DPM++ 2M SDE", "k_dpmpp_2m_sde"),
        Of("Euler a", "k_euler_a", "k_euler_ancestral"),
        Of("Euler", "k_euler"),
        Of("LMS", "k_lms"),
        Of("Heun", "k_heun"),
        Of("DDIM", "ddim"),
        Of("PLMS", "plms", "pndm"),
        Of("UniPC", "unipc"),
    ];

    public static IReadOnlyList<Sampler> Schedules { get; } =
    [
        new(Automatic, "Automatic"), new("uniform", "Uniform"), new(Karras, "Karras"), new("exponential", "Exponential"),
        new("sgm_uniform", "SGM Uniform", "SGMUniform"), new("simple", "Simple"), new("normal", "Normal"),
    ];

    /// <summary>The names of models' inputs that choose a sampler.</summary>
    public static IReadOnlyList<string> Inputs { get; } = ["scheduler", "sampler", "sampler_name"];

    /// <summary>The names that models have for a sampler, by its name and its schedule in lower case.</summary>
    private static readonly FrozenDictionary<string, string[]> OwnNames = new Dictionary<string, string[]>
    {
        ["euler a"] = ["K_EULER_ANCESTRAL", "EulerAncestralDiscrete", "euler_ancestral"],
        ["euler"] = ["K_EULER", "EulerDiscrete", "euler"],
        ["lms"] = ["KLMS", "K_LMS", "LMSDiscrete", "lms"],
        ["heun"] = ["HeunDiscrete", "HEUN", "heun"],
        ["ddim"] = ["DDIM", "ddim"],
        ["plms"] = ["PNDM", "pndm"],
        ["unipc"] = ["UniPCMultistep", "UniPC", "uni_pc"],
        ["dpm++ 2m"] = ["DPMSolverMultistep", "DPM++2M", "dpmpp_2m"],
        ["dpm++ 2m karras"] = ["KarrasDPM", "DPM++2MKarras", "dpmpp_2m_karras"],
        ["dpm++ sde"] = ["DPM++SDE", "dpmpp_sde"],
        ["dpm++ 2m sde"] = ["DPM++2MSDE", "dpmpp_2m_sde"],
    }.ToFrozenDictionary();

    /// <summary>Returns what a model calls a sampler.</summary>
    /// <param name="sampler">A name or alias; older clients put the schedule behind it, such as <c>DPM++ 2M Karras</c>.</param>
    /// <param name="schedule">The schedule; null: the automatic one.</param>
    /// <param name="allowed">The names that the model takes.</param>
    /// <returns>Null if the model has none for it.</returns>
    public static string? Find(string sampler, string? schedule, IEnumerable<string> allowed)
    {
        var name = NameOf(sampler).ToLowerInvariant();
        if (IsKarras(schedule) && !name.EndsWith(Karras, StringComparison.Ordinal))
            name = $"{name} {Karras}";
        string[] wanted = OwnNames.TryGetValue(name, out var own) ? own : [sampler];
        return allowed.FirstOrDefault(each => wanted.Contains(each, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Returns whether a schedule is the one that the web UI chooses by itself.</summary>
    public static bool IsAutomatic(string schedule) => schedule.Equals(Automatic, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns whether the sampler for a schedule is another one at models.</summary>
    public static bool IsKarras(string? schedule) => schedule is not null && schedule.Equals(Karras, StringComparison.OrdinalIgnoreCase);

    private static string NameOf(string sampler) =>
        All.FirstOrDefault(each => each.Aliases.Contains(sampler, StringComparer.OrdinalIgnoreCase))?.Name ?? sampler;

    private static Sampler Of(string name, params string[] aliases) => new(name, name, aliases);
}
