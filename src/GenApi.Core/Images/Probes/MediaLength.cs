using GenApi.Core.Errors;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads how long a video or sound is, and how large a video, where its container states it cheaply. It decodes nothing, and reads at most
/// some megabytes however long the file is.
/// </summary>
internal static class MediaLength
{
    /// <summary>
    /// Adds what the container states. The file is what it is recognised as in any case: a damaged container only states nothing.
    /// </summary>
    public static FileFacts Measure(ImageBytes bytes, FileFacts facts)
    {
        try
        {
            return facts.ContentType switch
            {
                "video/mp4" or "video/quicktime" or "video/3gpp" or "audio/mp4" => Mp4Length.Measure(bytes, facts),
                "video/webm" or "video/x-matroska" => MatroskaLength.Measure(bytes, facts),
                "audio/ogg" or "video/ogg" => OggLength.Measure(bytes, facts),
                "audio/wav" => ChunkLength.Wave(bytes, facts),
                "video/x-msvideo" => ChunkLength.Avi(bytes, facts),
                "audio/aiff" => ChunkLength.Aiff(bytes, facts),
                "audio/flac" => FlacLength.Measure(bytes, facts),
                "audio/mpeg" => Mp3Length.Measure(bytes, facts),
                _ => facts,
            };
        }
        catch (GenApiException damage) when (damage.Kind == ErrorKind.DownloadFailed)
        {
            return facts;
        }
    }
}
