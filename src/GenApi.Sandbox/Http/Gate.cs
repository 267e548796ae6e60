using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace GenApi.Sandbox.Http;

/// <summary>What stands before every route under <c>/v1</c>: the token, then the rate limit and its headers.</summary>
internal sealed class Gate(SandboxOptions options, TimeProvider time)
{
    // Six hundred creations and three thousand other requests a minute are documented; single looks show sixty thousand in recordings.
    private readonly Bucket _creations = new(600, time);
    private readonly Bucket _looks = new(60_000, time);
    private readonly Bucket _others = new(3_000, time);

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal, out var rest))
        {
            await next(http);
            return;
        }
        if (!Admits(http.Request.Headers.Authorization))
        {
            await Answers.Unauthenticated.ExecuteAsync(http);
            return;
        }
        var bucket = BucketOf(http.Request.Method, rest.Value ?? "");
        var admitted = bucket.TryTake(options.RateLimits, out var remaining, out var wait);
        http.Response.Headers["ratelimit-remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["ratelimit-reset"] = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (admitted)
            await next(http);
        else
            await Answers.Throttled(wait, ThrottleForm.Body).ExecuteAsync(http);
    }

    private bool Admits(StringValues authorization)
    {
        var parts = authorization.ToString().Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2
            && (parts[0].Equals("Bearer", StringComparison.OrdinalIgnoreCase) || parts[0].Equals("Token", StringComparison.OrdinalIgnoreCase))
            && (options.ApiToken is null || parts[1] == options.ApiToken);
    }

    private Bucket BucketOf(string method, string path)
    {
        if (HttpMethods.IsPost(method) && path.EndsWith("/predictions", StringComparison.Ordinal))
            return _creations;
        return HttpMethods.IsGet(method) && path.StartsWith("/predictions/", StringComparison.Ordinal) ? _looks : _others;
    }

    /// <summary>Fills evenly, and holds a minute's worth.</summary>
    private sealed class Bucket(int perMinute, TimeProvider time)
    {
        private readonly Lock _lock = new();
        private double _left = perMinute;
        private long _filledAt = time.GetTimestamp();

        public bool TryTake(bool enforced, out int remaining, out TimeSpan wait)
        {
            wait = TimeSpan.Zero;
            if (!enforced)
            {
                remaining = perMinute - 1;
                return true;
            }
            lock (_lock)
            {
                var now = time.GetTimestamp();
                _left = Math.Min(perMinute, _left + time.GetElapsedTime(_filledAt, now).TotalMinutes * perMinute);
                _filledAt = now;
                remaining = (int)Math.Max(0, _left - 1);
                if (_left < 1)
                {
                    wait = TimeSpan.FromMinutes((1 - _left) / perMinute);
                    return false;
                }
                _left--;
                return true;
            }
        }
    }
}
