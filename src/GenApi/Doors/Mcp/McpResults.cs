using System.Globalization;
using System.Text;
using System.Text.Json;
using GenApi.Core.Diagnostics;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Generations;
using ModelContextProtocol.Protocol;

namespace GenApi.Doors.Mcp;

/// <summary>
/// Writes the result of a generation: a sentence, previews, links as text and as resource links, and ids with links as structured content.
/// Every part is bounded, so a result has fewer than 1,000,000 bytes whatever the model made.
/// </summary>
internal sealed class McpResults(GenerationRendering rendering, DoorLinks links, McpPreviews previews)
{
    /// <summary>Images and files whose links are in a result.</summary>
    private const int MostLinks = 50;

    private const int LongestName = 120;

    /// <param name="details">The generation, which has not failed.</param>
    /// <param name="outcome">How the call got it; null: it was asked for by its id.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<CallToolResult> OfAsync(
        GenerationDetails details, CacheOutcome? outcome, McpCall call, CancellationToken cancellationToken) =>
        details.Generation.Status == GenerationStatus.Succeeded
            ? SucceededAsync(details, outcome, call, cancellationToken)
            : Task.FromResult(Running(details, call));

    /// <summary>Adds the ids of a generation to a tool error about it.</summary>
    public CallToolResult With(CallToolResult failed, GenerationDetails details, McpCall call)
    {
        failed.StructuredContent = Structured(details, call);
        return failed;
    }

    /// <summary>Cuts a text and keeps it on one line.</summary>
    public static string Line(string text, int longest) =>
        string.Join(' ', Core.Errors.Characters.Cut(text, longest).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private async Task<CallToolResult> SucceededAsync(
        GenerationDetails details, CacheOutcome? outcome, McpCall call, CancellationToken cancellationToken)
    {
        var made = await previews.OfAsync([.. details.Images], cancellationToken);
        var result = new CallToolResult { StructuredContent = Structured(details, call) };
        var content = result.Content;
        content.Add(Text(Sentence(details, outcome, call)));
        foreach (var block in made.Select(preview => preview.Block()).OfType<ImageContentBlock>())
            content.Add(block);
        if (details.Outputs.Count == 0)
            return result;
        content.Add(Text(LinkLines(details, made, call)));
        foreach (var output in details.Outputs.Take(MostLinks))
        {
            content.Add(new ResourceLinkBlock
            {
                Uri = links.Url(call.Context, output),
                Name = Line(output.FileName, LongestName),
                MimeType = output.ContentType,
                Size = output.Bytes,
            });
        }
        return result;
    }

    private CallToolResult Running(GenerationDetails details, McpCall call)
    {
        var generation = details.Generation;
        var progress = generation is { ProgressCurrent: { } current, ProgressTotal: > 0 and var total }
            ? string.Create(CultureInfo.InvariantCulture, $", {100.0 * current / total:0} % done")
            : "";
        var text = $"{generation.PublicId} is still {generation.Status.Word()}{progress}. The run goes on: call get_generation with this "
            + "id to wait for its images. The same call again joins it and costs nothing more.";
        return new() { StructuredContent = Structured(details, call), Content = [Text(text)] };
    }

    private string Sentence(GenerationDetails details, CacheOutcome? outcome, McpCall call)
    {
        var generation = rendering.Contract(details, call.Exchange.BaseUrl);
        var parts = new List<string>(4);
        if (generation.Seed is { } seed)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        parts.Add(generation.Cost is { } cost ? $"cost ${cost.Usd}{(cost.Estimated ? " (estimated)" : "")}" : "cost unknown");
        if (outcome == CacheOutcome.Hit)
            parts.Add("made before, so this call cost nothing");
        else if (outcome == CacheOutcome.Coalesced)
            parts.Add("shared with an equal call");
        return $"{generation.Model} made {Counted(generation.Images.Count, generation.Files.Count)} as {generation.Id}: "
            + $"{string.Join(", ", parts)}.";
    }

    private string LinkLines(GenerationDetails details, IReadOnlyList<McpPreview> made, McpCall call)
    {
        var text = new StringBuilder("Links to the whole files, which need no key:");
        foreach (var output in details.Outputs.Take(MostLinks))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{output.PublicId} ");
            if (output is { Width: { } width, Height: { } height })
                text.Append(CultureInfo.InvariantCulture, $"({width} × {height}) ");
            text.Append(links.Url(call.Context, output));
            if (made.FirstOrDefault(preview => preview.Image == output) is { Fault: { } fault })
                text.Append(CultureInfo.InvariantCulture, $"\n  No preview: {SecretText.Scrub(Line(fault, 300))}");
        }
        if (details.Outputs.Count > MostLinks)
        {
            var self = GenerationRendering.SelfUrl(details.Generation, call.Exchange.BaseUrl);
            text.Append(CultureInfo.InvariantCulture, $"\n{details.Outputs.Count - MostLinks} more: GET {self}");
        }
        return text.ToString();
    }

    private JsonElement Structured(GenerationDetails details, McpCall call)
    {
        OutputLink[] Links(IEnumerable<StoredImage> outputs) =>
            [.. outputs.Take(MostLinks).Select(output => new OutputLink(output.PublicId, links.Url(call.Context, output)))];
        var structured = new GenerationLinks(
            details.Generation.PublicId, details.Generation.Status.Word(), Links(details.Images), Links(details.Files));
        return JsonSerializer.SerializeToElement(structured, McpJsonContext.Answers.GenerationLinks);
    }

    private static string Counted(int images, int files) => (images, files) switch
    {
        (0, 0) => "no image and no file",
        (_, 0) => Counted(images, "image"),
        (0, _) => Counted(files, "file"),
        _ => $"{Counted(images, "image")} and {Counted(files, "file")}",
    };

    private static string Counted(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static TextContentBlock Text(string text) => new() { Text = text };
}
