using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Painting;

namespace GenApi.Sandbox.Predictions;

/// <summary>The plan of a run, fixed when it is accepted.</summary>
internal sealed class RunPlan
{
    private readonly HashSet<FaultKind> _held = [];

    public required string Prompt { get; init; }
    public required long Seed { get; init; }
    public required int Steps { get; init; }
    public required TimeSpan BaseTime { get; init; }
    public required TimeSpan StepTime { get; init; }
    public required IReadOnlyList<Picture> Pictures { get; init; }

    /// <summary>The number of pictures requested.</summary>
    public required int Asked { get; init; }
    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>The files of the input that could be fetched.</summary>
    public required IReadOnlyList<(string Name, SourcePicture Picture)> Inputs { get; init; }

    /// <summary>The text that the run fails with, which may be empty; null: it does not fail.</summary>
    public string? Error { get; init; }

    public required bool Aborts { get; init; }

    public TimeSpan Duration => BaseTime + StepTime * Steps;

    public Fault? Fault(FaultKind kind) => Faults.FirstOrDefault(f => f.Kind == kind);

    public bool Has(FaultKind kind) => Fault(kind) is not null;

    /// <returns>Whether the run must still be held by a fault of this kind; each holds once.</returns>
    public bool HoldOnce(FaultKind kind) => _held.Add(kind);

    public static RunPlan Of(
        ModelDefinition model, JsonElement input, InputPictures inputs, IReadOnlyList<Fault> faults, SandboxOptions options)
    {
        var (files, unfetched) = inputs.Fetch(model, input);
        var values = new InputValues(model, input);
        var size = PictureSize.Of(values);
        var asked = model.Output == OutputShape.SingleFile ? 1 : values.Integer("num_outputs") ?? 1;
        var steps = model.StepTime == TimeSpan.Zero ? 0 : values.Integer("num_inference_steps") ?? values.Integer("steps") ?? 20;
        var seed = values.Long("seed");
        if (seed is null || (seed == 0 && model.ZeroSeedIsRandom))
            seed = Random.Shared.Next(1, 65_536);
        var prompt = values.Text("prompt") ?? "";
        var source = SourceOf(model, values, files);
        // A batch shares its steps: four pictures take a little over three times as long as one.
        var batch = 1 + 0.7 * (asked - 1);
        Picture PictureAt(int index) =>
            new(
                model.FullName,
                prompt,
                seed.Value + index,
                size.Width,
                size.Height,
                FormatOf(values),
                values.Integer("output_quality") ?? 80,
                source);

        return new RunPlan
        {
            Prompt = prompt,
            Asked = asked,
            Seed = seed.Value,
            Steps = steps,
            BaseTime = options.Pace(model.BaseTime),
            StepTime = options.Pace(model.StepTime * batch),
            Faults = faults,
            Inputs = files,
            Error = unfetched ?? ErrorOf(model, faults, size),
            Aborts = model.Ending == Ending.Aborts || faults.Any(f => f.Kind == FaultKind.RunAborts),
            Pictures = [.. Enumerable.Range(0, Count(model, faults, asked)).Select(PictureAt)],
        };
    }

    private static Source? SourceOf(ModelDefinition model, InputValues values, IReadOnlyList<(string Name, SourcePicture Picture)> files)
    {
        if (files.FirstOrDefault(file => file.Name != "mask").Picture is not { } image)
            return null;
        return new Source(
            image,
            files.FirstOrDefault(file => file.Name == "mask").Picture,
            model.PaintsBlackOfMasks,
            values.Double("prompt_strength") ?? 0.8);
    }

    private static int Count(ModelDefinition model, IReadOnlyList<Fault> faults, int asked)
    {
        if (model.Ending == Ending.Empty || faults.Any(f => f.Kind == FaultKind.RunEmpty))
            return 0;
        if (faults.FirstOrDefault(f => f.Kind == FaultKind.RunFewer) is { } fewer)
            return Math.Clamp(fewer.Count ?? asked - 1, 0, asked);
        if (model.OutputTemplate is { } template)
            return MixedModels.IsPainted(template) ? 1 : 0;
        return model.Ending == Ending.Partial ? (asked + 1) / 2 : asked;
    }

    private static string? ErrorOf(ModelDefinition model, IReadOnlyList<Fault> faults, (int Width, int Height) size)
    {
        if (faults.FirstOrDefault(f => f.Kind == FaultKind.RunFails) is { } fails)
            return fails.Text ?? "Prediction interrupted; please retry (code: PA)";
        if (model.Ending == Ending.Refuses || faults.Any(f => f.Kind == FaultKind.RunRefused))
            return "NSFW content detected. Try running it again, or try a different prompt.";
        if (model.Ending == Ending.Fails)
            return "The model could not make a picture of this: sandbox/fails always fails.";
        if (model.Official)
            return null;
        // The sentence of diffusers; the vendors' own models round the size themselves.
        if (size.Width % 8 != 0 || size.Height % 8 != 0 || size.Width <= 0 || size.Height <= 0)
            return $"`height` and `width` have to be divisible by 8 but are {size.Height} and {size.Width}.";
        return (long)size.Width * size.Height > 4096 * 4096 ? "CUDA out of memory. Tried to allocate 64.00 GiB" : null;
    }

    private static PictureFormat FormatOf(InputValues values) => values.Text("output_format") switch
    {
        "jpg" => PictureFormat.Jpeg,
        "webp" => PictureFormat.Webp,
        // Models without a choice of format: recraft writes webp, the others png.
        _ => values.Model.Name == "recraft-v3" ? PictureFormat.Webp : PictureFormat.Png,
    };
}
