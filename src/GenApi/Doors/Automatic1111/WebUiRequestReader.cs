using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Images.Metadata.Reading;
using GenApi.Core.Models.Canonical;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.Automatic1111;

/// <summary>
/// Reads the body of <c>txt2img</c> and <c>img2img</c>. As in the web UI, a number may be written as a string. It reports all mistakes at
/// once, each by its member.
/// </summary>
internal sealed class WebUiRequestReader
{
    /// <summary>The most images of one request.</summary>
    public const int MostImages = 16;

    /// <summary>The side that the web UI adds if only the other one is given.</summary>
    private const int UsualSide = 512;

    /// <inheritdoc cref="GenApi.Core.Models.Inputs.ImageSize.Largest"/>
    public const int LargestSide = 16_384;

    public const int MostSteps = 10_000;

    public const int MostGuidance = 1_000;

    /// <summary>The largest seed that leaves room for those of further images.</summary>
    public const long LargestSeed = long.MaxValue - MostImages;

    private const string Settings = "override_settings", ModelSetting = "sd_model_checkpoint";

    private static readonly string[] Formats = ["png", "jpeg", "jpg", "webp"];

    private readonly MemberErrors _errors = new();
    private readonly WebUiValues _values;
    private readonly Dictionary<string, JsonElement> _extras = [];
    private readonly SortedSet<string> _ignored = new(StringComparer.Ordinal);
    private readonly JsonElement _body;
    private readonly bool _isFromImage;
    private WebUiRequest _request = new();
    private string? _samplerIndex, _samplerName;
    private double? _guidance, _distilledGuidance;
    private PictureSettings? _infotext;

    private WebUiRequestReader(JsonElement body, bool isFromImage) =>
        (_body, _isFromImage, _values) = (body, isFromImage, new WebUiValues(_errors));

    /// <param name="body">The body as it came.</param>
    /// <param name="isFromImage">Whether it is that of <c>img2img</c>.</param>
    /// <exception cref="GenApiException">InvalidRequest, with everything that is wrong.</exception>
    public static WebUiRequest Read(JsonElement body, bool isFromImage)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "$", "the body must be a JSON object.");
        var reader = new WebUiRequestReader(body, isFromImage);
        JsonTexts.Check(body, reader._errors);
        reader._errors.ThrowIfAny();
        JsonTexts.CheckDuplicates(body, reader._errors);
        foreach (var member in body.EnumerateObject())
            reader.ReadMember(member.Name, member.Value);
        return reader.Finish();
    }

    private WebUiRequest Finish()
    {
        var sampler = _samplerName ?? _samplerIndex;
        if (_distilledGuidance is not null && _guidance is not null)
            _ignored.Add("cfg_scale");
        if (_request.Count > MostImages)
        {
            _errors.Add("batch_size", $"'batch_size' times 'n_iter' may be at most {MostImages}; it is {_request.Count}. "
                + "Send several requests.");
        }
        if (_isFromImage && _request.Sources.Count == 0)
            _errors.Add("init_images", "'init_images' is missing: it must list at least one image in base64.");
        if (_request.Mask.ValueKind == JsonValueKind.Undefined)
            _request = _request with { IsMaskInverted = false };
        _errors.ThrowIfAny();
        _request = _infotext is { } settings ? WebUiInfotext.Complete(_request with { Sampler = sampler, Guidance = _guidance }, settings)
            : _request with { Sampler = sampler, Guidance = _guidance };
        var hasSize = _request.Width is not null || _request.Height is not null;
        return _request with
        {
            Guidance = _distilledGuidance ?? _request.Guidance,
            Width = hasSize ? _request.Width ?? UsualSide : null,
            Height = hasSize ? _request.Height ?? UsualSide : null,
            Extras = _extras,
            Ignored = [.. _ignored],
        };
    }

    private void ReadMember(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return;
        switch (name)
        {
            case "prompt":
                _request = _request with { Prompt = _values.Text(name, value) };
                break;
            case "negative_prompt":
                _request = _request with { NegativePrompt = _values.Text(name, value) };
                break;
            case "seed":
                _request = _request with { Seed = _values.Whole(name, value, -1, LargestSeed) is { } seed and >= 0 ? seed : null };
                break;
            case "steps":
                _request = _request with { Steps = (int?)_values.Whole(name, value, 1, MostSteps) };
                break;
            case "cfg_scale":
                _guidance = _values.Number(name, value, 0, MostGuidance);
                break;
            case "distilled_cfg_scale":
                _distilledGuidance = _values.Number(name, value, 0, MostGuidance);
                break;
            case "width":
                _request = _request with { Width = (int?)_values.Whole(name, value, 1, LargestSide) };
                break;
            case "height":
                _request = _request with { Height = (int?)_values.Whole(name, value, 1, LargestSide) };
                break;
            case "batch_size":
                _request = _request with { BatchSize = (int?)_values.Whole(name, value, 1, MostImages) ?? 1 };
                break;
            case "n_iter":
                _request = _request with { Iterations = (int?)_values.Whole(name, value, 1, MostImages) ?? 1 };
                break;
            case "sampler_name":
                _samplerName = _values.Text(name, value);
                break;
            case "sampler_index":
                _samplerIndex = _values.Text(name, value);
                break;
            case "scheduler":
                var schedule = _values.Text(name, value);
                _request = _request with { Scheduler = schedule is null || Samplers.IsAutomatic(schedule) ? null : schedule };
                break;
            case "send_images":
                _request = _request with { SendsImages = _values.Flag(name, value) ?? true };
                break;
            case "override_settings_restore_afterwards":
                _request = _request with { KeepsModel = _values.Flag(name, value) == false };
                break;
            case Settings:
                ReadSettings(value);
                break;
            case "script_name":
                RefuseScript(name, _values.Text(name, value));
                break;
            case "alwayson_scripts":
                ReadScripts(value);
                break;
            case "infotext":
                _infotext = _values.Text(name, value) is { } text ? InfotextReader.Read(Infotext.Parse(text)) : null;
                break;
            case "denoising_strength":
                ReadStrength(name, value);
                break;
            case "init_images" or "mask" or "inpainting_mask_invert" when _isFromImage:
                ReadSource(name, value);
                break;
            case var known when WebUiMembers.Knows(known):
                if (WebUiMembers.HasEffect(known, value, _body))
                    _ignored.Add(known);
                break;
            default:
                _extras[name] = value;
                break;
        }
    }

    /// <summary>Without a source image, the web UI uses the strength only when it enlarges.</summary>
    private void ReadStrength(string name, JsonElement value)
    {
        var strength = _values.Number(name, value, 0, 1);
        if (_isFromImage)
            _request = _request with { DenoisingStrength = strength };
        else if (_body.TryGetProperty("enable_hr", out var enlarges) && enlarges.ValueKind == JsonValueKind.True)
            _ignored.Add(name);
    }

    private void ReadSource(string name, JsonElement value)
    {
        if (name == "inpainting_mask_invert")
        {
            var inverted = value.ValueKind == JsonValueKind.True ? 1 : _values.Whole(name, value, 0, 1);
            _request = _request with { IsMaskInverted = inverted == 1 };
            return;
        }
        if (name == "mask")
        {
            if (value.ValueKind != JsonValueKind.String)
                _errors.Add("mask", $"'mask' must be an image in base64; it is {JsonTexts.Shown(value)}.");
            else if (JsonCharacters.Plain(value).Length > 0)
                _request = _request with { Mask = value };
            return;
        }
        if (value.ValueKind != JsonValueKind.Array)
        {
            _errors.Add("init_images", $"'init_images' must be a list of images in base64; it is {JsonTexts.Shown(value)}.");
            return;
        }
        foreach (var (index, item) in value.EnumerateArray().Index())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                _errors.Add(
                    $"init_images[{index}]", $"an item of 'init_images' must be an image in base64; it is {JsonTexts.Shown(item)}.");
            }
        }
        _request = _request with { Sources = [.. value.EnumerateArray()] };
    }

    private void ReadSettings(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            _errors.Add(Settings, $"'{Settings}' must be an object; it is {JsonTexts.Shown(value)}.");
            return;
        }
        foreach (var setting in value.EnumerateObject())
        {
            var path = MemberErrors.Path(Settings, setting.Name);
            if (setting.Value.ValueKind == JsonValueKind.Null)
                continue;
            if (setting.Name == ModelSetting)
                _request = _request with { Model = _values.Name(path, ModelSetting, setting.Value) };
            else if (setting.Name == "samples_format")
                ReadFormat(path, setting.Value);
            else if (WebUiMembers.SettingHasEffect(setting.Name, setting.Value))
                _ignored.Add($"{Settings}.{setting.Name}");
        }
    }

    private void ReadFormat(string path, JsonElement value)
    {
        var format = value.ValueKind == JsonValueKind.String ? value.GetString()!.ToLowerInvariant() : "";
        if (!Formats.Contains(format))
            _errors.Add(path, $"'samples_format' must be one of {string.Join(", ", Formats)}; it is {JsonTexts.Shown(value)}.");
        else
            _request = _request with { Format = format == "jpg" ? "jpeg" : format };
    }

    private void ReadScripts(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            _errors.Add("alwayson_scripts", $"'alwayson_scripts' must be an object; it is {JsonTexts.Shown(value)}.");
            return;
        }
        foreach (var script in value.EnumerateObject())
        {
            // The web UI refuses a script that is not installed, too. An image without it would be paid for and wrong.
            RefuseScript("alwayson_scripts", script.Name);
        }
    }

    private void RefuseScript(string member, string? script)
    {
        if (script is null or "None")
            return;
        _errors.Add(member, $"the script '{MemberErrors.Shorten(script)}' is not here: models at Replicate run no scripts of the "
            + $"web UI. Leave '{member}' out.");
    }
}
