using System.Globalization;
using System.Net.Http.Headers;

namespace GenApi.Core.Network;

/// <summary>Reads the header <c>Retry-After</c> (RFC 9110, 10.2.3) in both of its forms, seconds and a date.</summary>
public static class RetryAfterHeader
{
    private const string Name = "Retry-After";

    /// <summary>The longest wait, whatever the header asks for: a day.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Reads how long to wait.</summary>
    /// <param name="headers">The answer's headers.</param>
    /// <param name="now">The time that a date is counted from.</param>
    /// <returns>
    /// From zero (also for a date that has passed) to <see cref="Longest"/>; null where the header is missing or can't be read.
    /// </returns>
    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        // Not validated: the platform's own property drops a number of seconds beyond 31 bits.
        if (!headers.NonValidated.TryGetValues(Name, out var values))
            return null;
        var text = values.ToString().Trim();
        if (text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            var digits = text.TrimStart('0');
            return digits.Length > 9 ? Longest : Within(TimeSpan.FromSeconds(int.Parse($"0{digits}", CultureInfo.InvariantCulture)));
        }
        return RetryConditionHeaderValue.TryParse(text, out var read) && read.Date is { } date ? Within(date - now) : null;
    }

    private static TimeSpan Within(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span > Longest ? Longest : span;
}
