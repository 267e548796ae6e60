using System.Text.Json;
using GenApi.Core.Background;
using GenApi.Core.Errors;
using GenApi.Core.Replicate.Api;
using GenApi.Core.Replicate.Calls;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Replicate.Webhooks;

/// <summary>
/// Proves that a webhook is Replicate's, and reads it as the answer to a poll is read. The operator sets Replicate's signing secret, or the
/// service asks Replicate for it and holds it in memory only.
/// </summary>
public sealed partial class ReplicateWebhooks : BackgroundLoop
{
    /// <summary>
    /// A wrong signature may mean that Replicate's secret has changed, or that somebody guesses. So the secret is asked for again, but
    /// seldom.
    /// </summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _fetching = new(1);
    private readonly ReplicateClient _replicate;
    private readonly UpstreamClock _clock;
    private readonly bool _isOn;
    private readonly IReadOnlyList<WebhookSecret> _configured;
    private FetchedSecret? _fetched;

    public ReplicateWebhooks(
        ReplicateClient replicate, IOptions<WebhookOptions> options, TimeProvider time, UpstreamClock clock,
        ILogger<ReplicateWebhooks> logger)
        : base(time, logger)
    {
        _replicate = replicate;
        _clock = clock;
        _isOn = options.Value.PublicUrl.Length > 0;
        _configured = [.. options.Value.ReplicateSecrets.Select(
            text => WebhookSecret.TryParse(text, out var secret) ? secret : null).OfType<WebhookSecret>()];
    }

    /// <summary>Reads the prediction of a webhook that Replicate has signed.</summary>
    /// <param name="headers">As they came.</param>
    /// <param name="body">The raw bytes: serialized again they would have another signature.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GenApiException">
    /// Unauthenticated: not signed by Replicate within the last five minutes. MalformedJson: signed, but not a prediction. Also any failure
    /// to fetch the secret.
    /// </exception>
    public async Task<Prediction> ReadAsync(WebhookHeaders headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!await IsSignedAsync(headers, body, cancellationToken))
            throw new GenApiException(
                ErrorKind.Unauthenticated, "The webhook is not signed by the upstream, or not within the last five minutes.");
        try
        {
            if (Parse(body.Span) is { } prediction)
                return prediction;
            throw new GenApiException(ErrorKind.MalformedJson, "The webhook is not a prediction.");
        }
        catch (JsonException failure)
        {
            throw new GenApiException(ErrorKind.MalformedJson, "The webhook can't be read.", failure);
        }
    }

    /// <summary>Reads a body whose signature was checked; null: it is not a prediction.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    internal static Prediction? Parse(ReadOnlySpan<byte> body) =>
        AnswerReader.Read(body, ReplicateJsonContext.Default.PredictionBody)?.ToPrediction();

    public override void Dispose()
    {
        _fetching.Dispose();
        base.Dispose();
    }

    protected override Task RestAsync(CancellationToken stopping) => Task.CompletedTask;

    /// <summary>Fetches the secret once, at start, so that the first webhook need not wait for it.</summary>
    protected override async Task WorkAsync(CancellationToken stopping)
    {
        End();
        if (_isOn && _configured.Count == 0)
            await FetchAsync(null, stopping);
    }

    protected override void Report(GenApiException fault) => Log.NoSecret(Logger, fault);

    private async Task<bool> IsSignedAsync(WebhookHeaders headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        // Replicate signs by its own clock.
        var now = _clock.Now;
        if (_configured.Count > 0)
            return WebhookSignature.IsValid(_configured, headers, body.Span, now);
        var fetched = Volatile.Read(ref _fetched) ?? await FetchAsync(null, cancellationToken);
        if (WebhookSignature.IsValid([fetched.Secret], headers, body.Span, now))
            return true;
        if (!WebhookSignature.IsRecent(headers.Timestamp, now) || Time.GetElapsedTime(fetched.At) < AskAgain)
            return false;
        return WebhookSignature.IsValid([(await FetchAsync(fetched, cancellationToken)).Secret], headers, body.Span, now);
    }

    /// <summary>Fetches the secret from Replicate; many callers at once fetch it once.</summary>
    private async Task<FetchedSecret> FetchAsync(FetchedSecret? known, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_fetched is { } meanwhile && meanwhile != known)
                return meanwhile;
            return _fetched = new FetchedSecret(await _replicate.GetWebhookSecretAsync(cancellationToken), Time.GetTimestamp());
        }
        finally
        {
            _fetching.Release();
        }
    }

    private sealed record FetchedSecret(WebhookSecret Secret, long At);

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Warning, "The upstream did not return its webhook signing secret; the first webhook triggers another try")]
        public static partial void NoSecret(ILogger logger, Exception fault);
    }
}
