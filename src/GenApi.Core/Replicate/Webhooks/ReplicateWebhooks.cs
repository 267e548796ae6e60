using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Replicate.Api;
using GenApi.Core.Replicate.Calls;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Replicate.Webhooks;

/// <summary>
/// Makes sure that a webhook is Replicate's, and reads it as a look's answer is read. Replicate's secret is set by the operator, or asked of Replicate and kept in memory alone.
/// </summary>
public sealed partial class ReplicateWebhooks : BackgroundService
{
    /// <summary>A signature that does not fit may mean that Replicate's secret was changed, or that somebody guesses: so the secret is asked for again, and seldom.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _asking = new(1);
    private readonly ReplicateClient _replicate;
    private readonly TimeProvider _time;
    private readonly UpstreamClock _clock;
    private readonly ILogger _logger;
    private readonly bool _isHeard;
    private readonly IReadOnlyList<WebhookSecret> _set;
    private Asked? _asked;

    internal ReplicateWebhooks(
        ReplicateClient replicate, IOptions<WebhookOptions> options, TimeProvider time, UpstreamClock clock,
        ILogger<ReplicateWebhooks> logger)
    {
        _replicate = replicate;
        _time = time;
        _clock = clock;
        _logger = logger;
        _isHeard = options.Value.PublicUrl.Length > 0;
        _set = [.. options.Value.ReplicateSecrets.Select(text => WebhookSecret.TryParse(text, out var secret) ? secret : null).OfType<WebhookSecret>()];
    }

    /// <param name="headers">As they came.</param>
    /// <param name="body">The raw bytes: written anew they would have another signature.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GenApiException">
    /// Unauthenticated: not signed by Replicate within the last five minutes. MalformedJson: signed, and no prediction. Any failure to ask for the secret.
    /// </exception>
    public async Task<Prediction> ReadAsync(WebhookHeaders headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!await IsSignedAsync(headers, body, cancellationToken))
            throw new GenApiException(ErrorKind.Unauthenticated, "The webhook is not signed by the upstream, or not within the last five minutes.");
        try
        {
            if (AnswerReader.Read(body.Span, ReplicateJsonContext.Default.PredictionBody)?.ToPrediction() is { } prediction)
                return prediction;
            throw new GenApiException(ErrorKind.MalformedJson, "The webhook holds no prediction.");
        }
        catch (JsonException failure)
        {
            throw new GenApiException(ErrorKind.MalformedJson, "The webhook can't be read.", failure);
        }
    }

    public override void Dispose()
    {
        _asking.Dispose();
        base.Dispose();
    }

    /// <summary>Asks at start, so that the first webhook need not wait for it.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_isHeard || _set.Count > 0)
            return;
        try
        {
            await AskAsync(null, stoppingToken);
        }
        catch (GenApiException fault)
        {
            Log.SecretNotTold(_logger, fault);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> IsSignedAsync(WebhookHeaders headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        // It signs by its own clock.
        var now = _clock.Now;
        if (_set.Count > 0)
            return WebhookSignature.IsValid(_set, headers, body.Span, now);
        var asked = Volatile.Read(ref _asked) ?? await AskAsync(null, cancellationToken);
        if (WebhookSignature.IsValid([asked.Secret], headers, body.Span, now))
            return true;
        if (!WebhookSignature.IsRecent(headers.Timestamp, now) || _time.GetElapsedTime(asked.At) < AskAgain)
            return false;
        return WebhookSignature.IsValid([(await AskAsync(asked, cancellationToken)).Secret], headers, body.Span, now);
    }

    /// <summary>Many at once ask once.</summary>
    private async Task<Asked> AskAsync(Asked? known, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_asked is { } meanwhile && meanwhile != known)
                return meanwhile;
            return _asked = new Asked(await _replicate.GetWebhookSecretAsync(cancellationToken), _time.GetTimestamp());
        }
        finally
        {
            _asking.Release();
        }
    }

    private sealed record Asked(WebhookSecret Secret, long At);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The upstream did not tell what it signs webhooks with; it is asked again when the first one comes")]
        public static partial void SecretNotTold(ILogger logger, Exception fault);
    }
}
