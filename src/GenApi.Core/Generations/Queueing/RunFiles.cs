using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Core.Images.Library;
using GenApi.Core.Uploads;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// The input files of a running generation: sends them to the upstream before the intent is saved, and lets them go at the end.
/// </summary>
internal sealed partial class RunFiles(SentFiles sent, ImageLibrary images, IOptions<GenerationOptions> options, ILogger<RunFiles> logger)
{
    /// <summary>The time from sending a file to the creation, on top of the longest run.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    /// <summary>Makes the input as the upstream gets it: with the address of each file in place of its id.</summary>
    /// <exception cref="GenApiException">A file could not be sent; nothing was spent. BlobMissing: its bytes are gone.</exception>
    public async Task<JsonElement> ToSendAsync(Generation generation, CancellationToken cancellationToken)
    {
        var files = GenerationFile.Read(generation.InputFiles);
        if (files.Length == 0)
            return JsonElement.Parse(generation.Input);
        // An earlier attempt came to nothing, perhaps because the upstream has forgotten the files.
        if (generation.Attempts > 0)
            Array.ForEach(files, file => sent.Forget(file.Sha256));
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds) + Margin;
        var addresses = await Task.WhenAll(
            files.Select(file => sent.AddressOfAsync(file.Sha256, file.ContentType, longest, cancellationToken)));
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

    /// <summary>Deletes the bytes that only this generation still needed; call it when it has reached a terminal status.</summary>
    public async Task EndedAsync(Generation generation)
    {
        foreach (var hash in GenerationFile.Read(generation.InputFiles).Select(file => file.Sha256).Distinct())
        {
            if (generation.Status == GenerationStatus.Failed)
                sent.Forget(hash);
            try
            {
                await images.DeleteUnusedAsync(hash, CancellationToken.None);
            }
            catch (GenApiException fault)
            {
                // Bytes without a row cost disk space and nothing else.
                Log.NotDeleted(logger, hash, fault);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The unused bytes {Sha256} could not be deleted")]
        public static partial void NotDeleted(ILogger logger, string sha256, Exception fault);
    }
}
