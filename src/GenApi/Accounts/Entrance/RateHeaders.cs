using System.Globalization;
using System.Text;
using GenApi.Core.Accounts.RateLimits;

namespace GenApi.Accounts.Entrance;

/// <summary>
/// Writes <c>RateLimit-Policy</c> and <c>RateLimit</c> (IETF draft) on every answer to a caller with a limit. It writes them when the
/// answer begins, so that problems have them too and the request itself is counted.
/// </summary>
internal static class RateHeaders
{
    private const string Policy = "RateLimit-Policy", Limit = "RateLimit", Remaining = "ratelimit-remaining", Reset = "ratelimit-reset";

    public static void Promise(HttpContext context, CallerLimits limits)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RemainingHeaders>() is not null)
            PromiseRemaining(context, limits);
        PromiseStanding(context, limits);
    }

    /// <summary>Writes the limit that this request comes closest to. Only a POST can make a generation.</summary>
    private static void PromiseRemaining(HttpContext context, CallerLimits limits) => context.Response.OnStarting(() =>
    {
        var standing = limits.Standing().Where(each => each.Name == CallerLimits.OfRequests || HttpMethods.IsPost(context.Request.Method));
        if (standing.OrderBy(each => each.Left).FirstOrDefault() is { Name: not null } least)
        {
            context.Response.Headers[Remaining] = least.Left.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers[Reset] = least.SecondsUntilFull.ToString(CultureInfo.InvariantCulture);
        }
        return Task.CompletedTask;
    });

    private static void PromiseStanding(HttpContext context, CallerLimits limits) => context.Response.OnStarting(static state =>
    {
        var (headers, limits) = ((IHeaderDictionary, CallerLimits))state;
        var (policy, limit) = (new StringBuilder(), new StringBuilder());
        foreach (var (name, perMinute, left, seconds) in limits.Standing())
        {
            var comma = policy.Length > 0 ? ", " : "";
            policy.Append(CultureInfo.InvariantCulture, $"{comma}\"{name}\";q={perMinute};w=60");
            limit.Append(CultureInfo.InvariantCulture, $"{comma}\"{name}\";r={left};t={seconds}");
        }
        (headers[Policy], headers[Limit]) = (policy.ToString(), limit.ToString());
        return Task.CompletedTask;
    }, (context.Response.Headers, limits));
}
