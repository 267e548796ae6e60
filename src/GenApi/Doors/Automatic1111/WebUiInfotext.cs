using System.Text.Json;
using GenApi.Core.Images.Metadata.Reading;

namespace GenApi.Doors.Automatic1111;

/// <summary>
/// Completes a request by its <c>infotext</c>, which describes an image of the web UI: what the request does not name comes from there. A
/// number that the request's member could not be is left out.
/// </summary>
internal static class WebUiInfotext
{
    public static WebUiRequest Complete(WebUiRequest request, PictureSettings settings) => request with
    {
        Prompt = request.Prompt ?? Given(settings.Prompt),
        NegativePrompt = request.NegativePrompt ?? Given(settings.NegativePrompt),
        Seed = request.Seed ?? (long?)Within(settings.Seed, 0, WebUiRequestReader.LargestSeed),
        Steps = request.Steps ?? (int?)Within(settings.Steps, 1, WebUiRequestReader.MostSteps),
        Guidance = request.Guidance ?? (double?)Between(settings.Guidance, 0, WebUiRequestReader.MostGuidance),
        Width = request.Width ?? (int?)Within(settings.Width, 1, WebUiRequestReader.LargestSide),
        Height = request.Height ?? (int?)Within(settings.Height, 1, WebUiRequestReader.LargestSide),
        Sampler = request.Sampler ?? Text(settings, "Sampler"),
        Scheduler = request.Scheduler ?? (Text(settings, "Schedule type") is { } schedule && !Samplers.IsAutomatic(schedule)
            ? schedule
            : null),
    };

    private static decimal? Within(decimal? value, decimal least, decimal most) =>
        Between(value, least, most) is { } number && number == decimal.Truncate(number) ? number : null;

    private static decimal? Between(decimal? value, decimal least, decimal most) =>
        value is { } number && number >= least && number <= most ? number : null;

    private static string? Text(PictureSettings settings, string name) =>
        settings.Named.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? Given(value.GetString()) : null;

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
