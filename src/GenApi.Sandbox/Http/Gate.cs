using System.Globalization;
using GenApi.Sandbox.Control;
using Microsoft.Extensions.Primitives;

namespace GenApi.Sandbox.Http;

/// <summary>Guards every route under <c>/v1</c>: checks the token, then the rate limit, and sets its headers.</summary>
internal sealed class Gate
{
    private const int LowCreditPerMinute = 6;
    private const int PollsPerMinute = 60_000;

    private readonly SandboxOptions _options;
    private readonly SandboxStats _stats;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly TokenBucket _creations;
    private readonly TokenBucket _lowCredit;
    private readonly TokenBucket _polls;
    private readonly TokenBucket _others;

    public Gate(SandboxOptions options, SandboxStats stats, TimeProvider time)
    {
        (_options, _stats, _time, _startedAt) = (options, stats, time, time.GetTimestamp());
        _creations = new(options.Limits.CreationsPerMinute, options.Limits.CreationsPerMinute, time);
        _lowCredit = new(LowCreditPerMinute, 1, time);
        _polls = new(PollsPerMinute, PollsPerMinute, time);
        _others = new(options.Limits.OthersPerMinute, options.Limits.OthersPerMinute, time);
    }

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        // The server's own header would follow the system's clock, but predictions follow this one.
        http.Response.Headers.Date = _time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        if (!http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal, out var rest) || IsStream(rest.Value ?? ""))
        {
            await next(http);
            return;
        }
        if (!Admits(http.Request.Headers.Authorization))
        {
            await Answers.Unauthenticated.ExecuteAsync(http);
            return;
        }
        var limits = _options.Limits;
        var isCreation = HttpMethods.IsPost(http.Request.Method) && (rest.Value ?? "").EndsWith("/predictions", StringComparison.Ordinal);
        _stats.Called(isCreation, _time.GetElapsedTime(_startedAt));
        var bucket = isCreation ? limits.LowCredit ? _lowCredit : _creations : OtherOf(http.Request.Method, rest.Value ?? "");
        var admitted = bucket.TryTake(_options.RateLimits, out var remaining, out var wait);
        if (limits.Headers)
        {
            http.Response.Headers["ratelimit-remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["ratelimit-reset"] = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
        if (admitted)
        {
            await next(http);
            return;
        }
        _stats.Throttled();
        await Answers.Throttled(wait, isCreation && limits.LowCredit ? ThrottleForm.LowCredit : limits.Form).ExecuteAsync(http);
    }

    /// <summary>The official clients send no token to the address of a stream, so the address itself admits a caller.</summary>
    private static bool IsStream(string path) => path.StartsWith("/streams/", StringComparison.Ordinal)
        || (path.StartsWith("/files/", StringComparison.Ordinal) && path.EndsWith("/stream", StringComparison.Ordinal));

    private bool Admits(StringValues authorization)
    {
        var parts = authorization.ToString().Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2
            && (parts[0].Equals("Bearer", StringComparison.OrdinalIgnoreCase)
                || parts[0].Equals("Token", StringComparison.OrdinalIgnoreCase))
            && (_options.ApiToken is null || parts[1] == _options.ApiToken);
    }

    private TokenBucket OtherOf(string method, string path) =>
        _options.Limits.CountLooksApart && HttpMethods.IsGet(method) && path.StartsWith("/predictions/", StringComparison.Ordinal)
            ? _polls
            : _others;
}
