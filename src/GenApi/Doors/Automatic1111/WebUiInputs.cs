using System.Globalization;
using System.Text.Json;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Doors.Automatic1111;

/// <summary>
/// Turns a request of the web UI into inputs of a model. Clients fill in steps, guidance and samplers for every model, so these are hints:
/// a value outside of a model's range becomes the nearest one, and what the model has nothing for is left out. The answer names both.
/// </summary>
internal sealed class WebUiInputs
{
    private const string SamplerName = "sampler_name", Scheduler = "scheduler", Seed = "seed";

    private readonly SortedDictionary<string, string> _adjusted = new(StringComparer.Ordinal);

    private WebUiInputs(ResolvedModel model) => Input = new DoorInput(model);

    /// <summary>The inputs, without the seed.</summary>
    public DoorInput Input { get; }

    /// <summary>True if the model takes a seed.</summary>
    public bool TakesSeed => InputTranslation.Takes(Schema, CommonNames.Seed);

    /// <summary>The members that got another value, with that value.</summary>
    public IReadOnlyDictionary<string, string> Adjusted => _adjusted;

    private InputSchema Schema => Input.Model.Input;

    /// <param name="request">The request.</param>
    /// <param name="model">The model.</param>
    /// <param name="source">The source image or images; undefined: none.</param>
    /// <param name="mask">The mask, white where to repaint; undefined: none.</param>
    public static WebUiInputs Of(WebUiRequest request, ResolvedModel model, JsonElement source, JsonElement mask)
    {
        var inputs = new WebUiInputs(model);
        var input = inputs.Input;
        foreach (var name in request.Ignored)
            input.Ignore(name);
        if (request.Prompt is { } prompt)
            input.Set(CommonNames.Prompt, "prompt", Text(prompt));
        if (request.NegativePrompt is { } negative)
            input.SetIfTaken(CommonNames.NegativePrompt, "negative_prompt", Text(negative));
        if (request is { Width: { } width, Height: { } height })
            inputs.SetSize(width, height);
        inputs.SetNearest(CommonNames.Steps, "steps", request.Steps);
        inputs.SetNearest(CommonNames.Guidance, "cfg_scale", (decimal?)request.Guidance);
        inputs.SetNearest(CommonNames.Strength, "denoising_strength", (decimal?)request.DenoisingStrength);
        inputs.SetSampler(request);
        if (request.Seed is not null && !inputs.TakesSeed)
            input.Ignore(Seed);
        // Whether the model takes these is checked later: an image without them would be another one.
        if (source.ValueKind != JsonValueKind.Undefined)
            input.Set(CommonNames.Image, "init_images", source);
        if (mask.ValueKind != JsonValueKind.Undefined)
            input.Set(CommonNames.Mask, "mask", mask);
        if (InputTranslation.OffersFormat(model.Input, request.Format))
            input.Set(CommonNames.OutputFormat, "override_settings.samples_format", Text(request.Format));
        foreach (var (name, value) in request.Extras)
            input.Extra(name, value);
        // Each image is a separate run.
        if (model.Input.IsKnown && InputTranslation.Takes(model.Input, CommonNames.NumOutputs))
            input.Set(CommonNames.NumOutputs, "batch_size", Number(1));
        return inputs;
    }

    /// <summary>Returns the inputs by their common names for one of the images.</summary>
    /// <param name="seed">The seed of the first image; null: any.</param>
    /// <param name="index">The number of the image, from 0.</param>
    public IReadOnlyDictionary<string, JsonElement> Common(long? seed, int index) =>
        seed is { } first && TakesSeed ? Input.CommonWith((CommonNames.Seed, Number(first + index))) : Input.Common;

    private void SetSize(int width, int height)
    {
        Input.SetSize(width, height, "width");
        Note(CommonNames.Width, width);
        Note(CommonNames.Height, height);

        // A model without width and height gets a shape, and the answer shows the size of the image.
        void Note(string side, int given)
        {
            if (Input.Common.TryGetValue(side, out var set) && set.TryGetInt32(out var pixels) && pixels != given)
                _adjusted[side] = pixels.ToString(CultureInfo.InvariantCulture);
        }
    }

    private void SetNearest(string common, string member, decimal? value)
    {
        if (value is not { } given)
            return;
        var nearest = Schema.SlotOfCommon(common) is var slot and >= 0 ? Nearest(Schema.Properties[slot], given) : given;
        if (nearest != given)
            _adjusted[member] = nearest.ToString(CultureInfo.InvariantCulture);
        Input.SetIfTaken(common, member, Number(nearest));
    }

    private static decimal Nearest(InputProperty property, decimal value)
    {
        // These inputs measure the opposite of what the common name does, from 0 to 1 as well.
        if (CommonNames.IsInverted(property.Name))
            return value;
        var rule = property.Rule;
        var offered = rule.Allowed.Where(each => each.ValueKind == JsonValueKind.Number && each.TryGetDecimal(out _))
            .Select(each => each.GetDecimal()).ToList();
        if (offered.Count > 0)
            return offered.MinBy(each => Math.Abs(each - value));
        if (rule.Maximum is { } most && value > most && !rule.ExclusiveMaximum)
            value = most;
        if (rule.Minimum is { } least && value < least && !rule.ExclusiveMinimum)
            value = least;
        return rule.Types == InputTypes.Integer ? decimal.Round(value) : value;
    }

    /// <summary>A model's own sampler may include the schedule.</summary>
    private void SetSampler(WebUiRequest request)
    {
        var own = request.Sampler is { } sampler
            ? Samplers.Inputs.Where(Schema.Has)
                .Select(name => (Name: name, Value: Samplers.Find(sampler, request.Scheduler, Choices(name)))).FirstOrDefault()
            : default;
        if (own.Value is not null)
            Input.SetOwn(own.Name, SamplerName, Text(own.Value));
        else if (request.Sampler is not null)
            Input.Ignore(SamplerName);
        if (request.Scheduler is not null && !(own.Value is not null && Samplers.IsKarras(request.Scheduler)))
            Input.Ignore(Scheduler);
    }

    private IEnumerable<string> Choices(string name) => Schema.Find(name)!.Rule.Allowed
        .Where(each => each.ValueKind == JsonValueKind.String).Select(each => each.GetString()!);

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, WebUiJsonContext.Answers.String);

    private static JsonElement Number(decimal number) => JsonElement.Parse(number.ToString(CultureInfo.InvariantCulture));
}
