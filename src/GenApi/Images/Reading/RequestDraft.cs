using System.Globalization;
using GenApi.Core.Errors;
using GenApi.Core.Images.Metadata.Reading;
using GenApi.Core.Models.Inputs;
using GenApi.Generations;
using GenApi.Hosting.Requests;

namespace GenApi.Images.Reading;

/// <summary>
/// Makes the body of POST /generate from the settings in a picture. What the route does not accept is left out, and a note says so.
/// </summary>
internal sealed class RequestDraft
{
    private const int LongestModel = 256;

    /// <summary>Most models draw in multiples of it. A tool that states another size has cropped or enlarged the picture.</summary>
    private const int SizeStep = 8;

    private readonly PictureSettings _settings;
    private readonly List<string> _notes = [];

    private RequestDraft(PictureSettings settings) => _settings = settings;

    private bool IsOurs => _settings.Source == SettingsSource.Genapi;

    /// <summary>Returns the request and all notes.</summary>
    public static (GenerateRequest Request, IReadOnlyList<string> Notes) Of(PictureSettings? settings) => settings is null
        ? (new GenerateRequest(), ["The picture carries no settings that GenApi can read."])
        : new RequestDraft(settings).Make();

    private (GenerateRequest Request, IReadOnlyList<string> Notes) Make()
    {
        var (width, height) = Size();
        var request = new GenerateRequest
        {
            Prompt = Prompt(),
            Model = Model(),
            NegativePrompt = Text("negative prompt", _settings.NegativePrompt),
            Width = width,
            Height = height,
            Seed = (long?)Whole("seed", _settings.Seed, 0, long.MaxValue),
            Steps = (int?)Whole("number of steps", _settings.Steps, 1, int.MaxValue),
            Guidance = Guidance(),
        };
        return (request, [.. _notes, .. _settings.Notes]);
    }

    private string? Model()
    {
        if (IsOurs)
            return _settings.Model is { Length: <= LongestModel } model && !string.IsNullOrWhiteSpace(model) ? model : null;
        var checkpoint = string.IsNullOrWhiteSpace(_settings.Checkpoint) ? null : MemberErrors.Shorten(_settings.Checkpoint);
        _notes.Add(checkpoint is null
            ? "The picture names no model of this service. Choose one with `model`; without it the service's default model runs."
            : $"The picture was made with `{checkpoint}`, which is a file of the tool and no model of this service. Choose a `model`; "
                + "without one the service's default model runs. Another model makes another picture, whatever the seed.");
        return null;
    }

    private string? Prompt()
    {
        if (!string.IsNullOrWhiteSpace(_settings.Prompt))
            return Text("prompt", _settings.Prompt);
        _notes.Add("The settings hold no prompt. Add one before you send the request.");
        return null;
    }

    private string? Text(string what, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        if (Characters.AreAtMost(text, InputLimits.LongestPrompt))
            return text;
        _notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"The {what} has more than {InputLimits.LongestPrompt:N0} characters, which no request may have. It was left out."));
        return null;
    }

    private (int? Width, int? Height) Size()
    {
        if (_settings is not { Width: { } width, Height: { } height })
            return (null, null);
        if (IsSide(width) && IsSide(height))
            return ((int)width, (int)height);
        _notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"The size {width} × {height} was left out: most models take only whole multiples of {SizeStep} pixels."));
        return (null, null);
    }

    private bool IsSide(decimal side) =>
        side is >= 1 and <= int.MaxValue && side == decimal.Truncate(side) && (IsOurs || side % SizeStep == 0);

    private decimal? Whole(string what, decimal? value, long least, long most)
    {
        if (value is not { } number || (number >= least && number <= most && number == decimal.Truncate(number)))
            return value;
        _notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"The {what} {number} was left out: it must be a whole number from {least:N0} to {most:N0}."));
        return null;
    }

    /// <summary>Below 1, which tools use to turn guidance off, most models refuse it.</summary>
    private double? Guidance()
    {
        if (_settings.Guidance is not { } scale)
            return null;
        if (IsOurs || scale >= 1)
            return (double)scale;
        _notes.Add(string.Create(
            CultureInfo.InvariantCulture, $"The guidance {scale} was left out: most models take no guidance below 1."));
        return null;
    }
}
