using System.Collections.Frozen;
using System.Text.Json;

namespace GenApi.Doors.Automatic1111;

/// <summary>
/// The members of the web UI's requests that GenApi has nothing for. Clients send most of them with the value that changes nothing. Only
/// another value is worth reporting.
/// </summary>
internal static class WebUiMembers
{
    /// <summary>Members for the transport between a client and its own server, one of which holds the key. They are no settings.</summary>
    private static readonly FrozenSet<string> Transport = FrozenSet.Create("url", "auth");

    /// <summary>Members that only say what the web UI does with its own files. GenApi stores every image and makes no grid.</summary>
    private static readonly FrozenSet<string> Storage = FrozenSet.Create("save_images", "do_not_save_grid");

    /// <summary>Members without an effect unless the member on the right is switched on.</summary>
    private static readonly FrozenDictionary<string, string> Dependants = new Dictionary<string, string>
    {
        ["hr_scale"] = EnableHr,
        ["hr_upscaler"] = EnableHr,
        ["hr_second_pass_steps"] = EnableHr,
        ["hr_resize_x"] = EnableHr,
        ["hr_resize_y"] = EnableHr,
        ["hr_checkpoint_name"] = EnableHr,
        ["hr_sampler_name"] = EnableHr,
        ["hr_scheduler"] = EnableHr,
        ["hr_prompt"] = EnableHr,
        ["hr_negative_prompt"] = EnableHr,
        ["hr_cfg"] = EnableHr,
        ["hr_distilled_cfg"] = EnableHr,
        ["hr_additional_modules"] = EnableHr,
        ["firstphase_width"] = EnableHr,
        ["firstphase_height"] = EnableHr,
        ["refiner_switch_at"] = "refiner_checkpoint",
        ["script_args"] = "script_name",
        ["mask_blur"] = Mask,
        ["mask_blur_x"] = Mask,
        ["mask_blur_y"] = Mask,
        ["mask_round"] = Mask,
        ["inpainting_fill"] = Mask,
        ["inpaint_full_res"] = Mask,
        ["inpaint_full_res_padding"] = Mask,
    }.ToFrozenDictionary();

    /// <summary>Values without an effect, besides null, false, and what is empty. An empty list: no other value has none.</summary>
    private static readonly FrozenDictionary<string, string[]> Neutral = new Dictionary<string, string[]>
    {
        ["styles"] = [],
        ["subseed"] = ["-1"],
        ["subseed_strength"] = ["0"],
        ["seed_resize_from_h"] = ["-1", "0"],
        ["seed_resize_from_w"] = ["-1", "0"],
        ["restore_faces"] = [],
        ["tiling"] = [],
        ["do_not_save_samples"] = [],
        ["eta"] = ["0"],
        ["s_min_uncond"] = ["0"],
        ["s_churn"] = ["0"],
        ["s_tmax"] = ["0"],
        ["s_tmin"] = ["0"],
        ["s_noise"] = ["1"],
        ["clip_skip"] = ["1", "0"],
        ["disable_extra_networks"] = [],
        ["firstpass_image"] = [],
        ["comments"] = [],
        ["force_task_id"] = [],
        ["refiner_checkpoint"] = ["none"],
        [EnableHr] = [],
        ["include_init_images"] = [],
        ["resize_mode"] = ["0"],
        ["image_cfg_scale"] = ["1.5"],
        ["initial_noise_multiplier"] = ["1"],
        ["latent_mask"] = [],
    }.ToFrozenDictionary();

    /// <summary>The same for <c>override_settings</c>.</summary>
    private static readonly FrozenDictionary<string, string[]> NeutralSettings = new Dictionary<string, string[]>
    {
        ["CLIP_stop_at_last_layers"] = ["1"],
        ["sd_vae"] = ["automatic", "none"],
        ["eta_noise_seed_delta"] = ["0"],
        ["return_grid"] = [],
        ["grid_save"] = [],
        ["samples_save"] = ["true"],
    }.ToFrozenDictionary();

    private const string EnableHr = "enable_hr", Mask = "mask";

    /// <summary>Returns whether the web UI knows the member, and GenApi has nothing for it.</summary>
    public static bool Knows(string name) =>
        Neutral.ContainsKey(name) || Dependants.ContainsKey(name) || Storage.Contains(name) || Transport.Contains(name);

    /// <summary>Returns whether the value of such a member would change an image of the web UI.</summary>
    /// <param name="name">The member.</param>
    /// <param name="value">Its value.</param>
    /// <param name="body">The whole request.</param>
    public static bool HasEffect(string name, JsonElement value, JsonElement body)
    {
        if (Transport.Contains(name) || Storage.Contains(name))
            return false;
        if (Dependants.TryGetValue(name, out var other))
        {
            return !IsNothing(value, []) && body.TryGetProperty(other, out var needed)
                && !IsNothing(needed, Neutral.GetValueOrDefault(other, []));
        }
        return !IsNothing(value, Neutral.GetValueOrDefault(name, []));
    }

    /// <summary>Returns whether a member of <c>override_settings</c> would change an image of the web UI.</summary>
    public static bool SettingHasEffect(string name, JsonElement value) =>
        !IsNothing(value, NeutralSettings.GetValueOrDefault(name, []));

    private static bool IsNothing(JsonElement value, string[] neutral) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False or JsonValueKind.Undefined => true,
        JsonValueKind.True => neutral.Contains("true"),
        JsonValueKind.Array => value.GetArrayLength() == 0 || value.EnumerateArray().All(item => IsNothing(item, [])),
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        JsonValueKind.Number => neutral.Any(each => IsNumber(value, each)),
        _ => IsBlank(value) || neutral.Contains(value.GetString()!.Trim().ToLowerInvariant()),
    };

    private static bool IsBlank(JsonElement text) => string.IsNullOrWhiteSpace(text.GetString());

    private static bool IsNumber(JsonElement value, string text) => value.TryGetDecimal(out var number)
        && decimal.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var other) && number == other;
}
