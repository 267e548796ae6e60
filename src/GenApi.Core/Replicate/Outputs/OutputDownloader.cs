using System.Net;
using GenApi.Core.Errors;
using GenApi.Core.Network;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Replicate.Outputs;

/// <summary>
/// Downloads output files: from allowed hosts only, with every redirect checked, within limits of bytes and time, and without our token,
/// which those hosts neither need nor may see.
/// </summary>
public sealed class OutputDownloader
{
    /// <summary>The name of the HTTP client.</summary>
    internal const string ClientName = "GenApi.Outputs";

    private const int MostRedirects = 3;

    /// <summary>The longest pause, whatever a host asks for: it stores a file for an hour, and a longer pause would lose it.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;
    private readonly ReplicateUpstream _upstream;
    private readonly TimeProvider _time;
    private readonly OutputLimits _limits;

    public OutputDownloader(IHttpClientFactory clients, ReplicateUpstream upstream, IOptions<ReplicateOptions> options, TimeProvider time)
    {
        _http = clients.CreateClient(ClientName);
        _upstream = upstream;
        _time = time;
        _limits = new OutputLimits(
            options.Value.MaxOutputBytes, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
    }

    /// <summary>Opens an http(s) address or a data URI. The body is read as it arrives.</summary>
    /// <exception cref="GenApiException">
    /// Here and during reads: <see cref="ErrorKind.DownloadFailed"/>, transient where the same address may work later (cut short, stalled,
    /// 5xx), not transient where it will not (deleted). <see cref="ErrorKind.UnusableOutput"/>: the host is not allowed, or the file is
    /// larger than <see cref="ReplicateOptions.MaxOutputBytes"/>.
    /// </exception>
    public async Task<OutputFile> OpenAsync(string uri, CancellationToken cancellationToken)
    {
        if (DataUri.Is(uri))
            return DataUri.Open(uri, _limits.MaxBytes);
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var address))
            throw OutputFaults.NotAnAddress();

        var clock = new OutputClock(_limits.Total, _time);
        HttpResponseMessage? response = null;
        try
        {
            response = await FollowAsync(address, clock, cancellationToken);
            return await ReadAsync(response, clock, cancellationToken);
        }
        catch (Exception e)
        {
            response?.Dispose();
            clock.Dispose();
            if (e is IOException or HttpRequestException)
                throw OutputFaults.Broken(e);
            throw;
        }
    }

    private async Task<OutputFile> ReadAsync(HttpResponseMessage response, OutputClock clock, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
            throw OutputFaults.Status(response.StatusCode, PauseAskedFor(response));
        var headers = response.Content.Headers;
        if (headers.ContentLength > _limits.MaxBytes)
            throw OutputFaults.TooLarge(_limits.MaxBytes);
        // The store holds the bytes as the model made them; decoding would need another limit.
        if (headers.ContentEncoding.Any(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
            throw OutputFaults.Encoded();
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var isWhole = headers.ContentLength is not null || response.Headers.TransferEncodingChunked == true || response.Version.Major >= 2;
        return new OutputFile(
            new OutputStream(response, body, _limits, clock), headers.ContentType?.MediaType, headers.ContentLength, isWhole);
    }

    private async Task<HttpResponseMessage> FollowAsync(Uri address, OutputClock clock, CancellationToken cancellationToken)
    {
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            if (!_upstream.DeliveryHosts.Allows(address))
                throw OutputFaults.HostRefused(address);
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            var response = await clock.RunAsync(
                _limits.Headers,
                (Http: _http, Request: request),
                static (state, token) => new ValueTask<HttpResponseMessage>(
                    state.Http.SendAsync(state.Request, HttpCompletionOption.ResponseHeadersRead, token)),
                cancellationToken);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                return response;
            response.Dispose();
            if (!Uri.TryCreate(address, location, out var target))
                throw OutputFaults.NotAnAddress();
            address = target;
        }

        throw OutputFaults.TooManyRedirects();
    }

    /// <summary>
    /// Reads the pause that a host asks for. A time of day is compared with the host's own clock, which its answer shows. Null leaves the
    /// pause to us, also for a time that has passed: otherwise the file would be requested again and again without a pause.
    /// </summary>
    private TimeSpan? PauseAskedFor(HttpResponseMessage response) =>
        RetryAfterHeader.Read(response.Headers, response.Headers.Date ?? _time.GetUtcNow()) switch
        {
            { } asked when asked > LongestPause => LongestPause,
            { } asked when asked > TimeSpan.Zero => asked,
            _ => null,
        };
}
