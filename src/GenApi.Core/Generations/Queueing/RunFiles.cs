using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Core.Images.Library;
using GenApi.Core.Uploads;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Queueing;

/// <summary>The input files of a generation on its way: sent to the upstream before the intent, let go at the end.</summary>
internal sealed partial class RunFiles(SentFiles sent, ImageLibrary images, IOptions<GenerationOptions> options, ILogger<RunFiles> logger)
{
    /// <summary>From the sending to the creation, beside the longest run.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    public ImageLibrary Images => images;

    /// <summary>The input as the upstream gets it: the address of each file in place of its id.</summary>
    /// <exception cref="GenApiException">The upstream could not be given a file; nothing was spent. BlobMissing: the bytes are gone.</exception>
    public async Task<JsonElement> ToSendAsync(Generation generation, CancellationToken cancellationToken)
    {
        var files = GenerationFile.Read(generation.InputFiles);
        if (files.Length == 0)
            return JsonElement.Parse(generation.Input);
        // Sent before, and nothing came of it: perhaps because the upstream no longer knows anything of us.
        if (generation.Attempts > 0)
            Array.ForEach(files, file => sent.Doubt(file.Sha256));
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds) + Margin;
        var addresses = await Task.WhenAll(files.Select(file => sent.AddressOfAsync(file.Sha256, file.ContentType, longest, cancellationToken)));
        var input = JsonNode.Parse(generation.Input)!.AsObject();
        foreach (var (file, address) in files.Zip(addresses))
        {
            if (file.Index is { } index)
                input[file.Name]!.AsArray()[index] = address;
            else
                input[file.Name] = address;
        }
        return JsonElement.Parse(input.ToJsonString());
    }

    /// <summary>It has reached a terminal status: bytes that only it still needed go.</summary>
    public async Task EndedAsync(Generation generation)
    {
        foreach (var hash in GenerationFile.Read(generation.InputFiles).Select(file => file.Sha256).Distinct())
        {
            if (generation.Status == GenerationStatus.Failed)
                sent.Doubt(hash);
            try
            {
                await images.DeleteUnusedAsync(hash, CancellationToken.None);
            }
            catch (GenApiException fault)
            {
                // Bytes without a row cost room and nothing else.
                Log.NotDeleted(logger, hash, fault);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The bytes {Sha256}, which nobody may need any more, could not be deleted")]
        public static partial void NotDeleted(ILogger logger, string sha256, Exception fault);
    }
}
