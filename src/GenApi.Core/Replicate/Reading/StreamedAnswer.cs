using System.Net;
using GenApi.Core.Replicate.Api;

namespace GenApi.Core.Replicate.Reading;

/// <summary>
/// An answer that <see cref="AnswerReader"/> reads as it arrives. Refit (16.4) loads a content into one array before it calls the reader,
/// some hundreds of megabytes for an answer of 60 MB. This content gives it nothing to load.
/// </summary>
internal sealed class StreamedAnswer(Stream body) : HttpContent
{
    public Stream Body => body;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            body.Dispose();
        base.Dispose(disposing);
    }
}
