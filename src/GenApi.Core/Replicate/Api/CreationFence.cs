using System.Net;
using GenApi.Core.Errors;

namespace GenApi.Core.Replicate.Api;

/// <summary>
/// Asks once more at the last moment, when a connection is there and the body of a creation is about to be written to it, whether it may
/// be sent. Between the decision to send and this moment a process can be frozen for hours. A request whose body is missing creates
/// nothing.
/// </summary>
internal sealed class CreationFence : DelegatingHandler
{
    /// <summary>The request option for the question: a function that returns why nothing may be sent, or null.</summary>
    public const string Question = "genapi.replicate.fence";

    private static readonly HttpRequestOptionsKey<Func<GenApiException?>?> Key = new(Question);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Options.TryGetValue(Key, out var question) && question is not null && request.Content is { } body)
            request.Content = new FencedContent(body, question);
        return base.SendAsync(request, cancellationToken);
    }

    /// <summary>The body, behind the question. The handler may write it again, on another connection, and then asks again.</summary>
    private sealed class FencedContent : HttpContent
    {
        private readonly HttpContent _body;
        private readonly Func<GenApiException?> _question;

        public FencedContent(HttpContent body, Func<GenApiException?> question)
        {
            (_body, _question) = (body, question);
            foreach (var (name, values) in body.Headers)
                Headers.TryAddWithoutValidation(name, values);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (_question() is { } fault)
                throw new NotSentException(fault);
            return _body.CopyToAsync(stream, context, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Headers.ContentLength ?? 0;
            return _body.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _body.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>The call was refused by ourselves before any of its body was written.</summary>
internal sealed class NotSentException(GenApiException fault) : Exception(fault.Message, fault)
{
    /// <summary>The reason.</summary>
    public GenApiException Fault { get; } = fault;
}
