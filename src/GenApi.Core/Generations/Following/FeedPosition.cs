using System.Globalization;
using System.Security.Cryptography;
using GenApi.Core.Generations.Signals;

namespace GenApi.Core.Generations.Following;

/// <summary>A place in the stream of all changes, as the <c>id</c> of an event says it.</summary>
/// <param name="Log">The log whose numbers these are: <see cref="IFeedLog.Name"/>.</param>
/// <param name="Number">Its last change that the listener has; see <see cref="GenerationChange.Number"/>.</param>
/// <param name="At">When it was sent, to the millisecond.</param>
internal readonly record struct FeedPosition(string Log, long Number, DateTimeOffset At)
{
    private const int Longest = 64;
    private const int NameDigits = 8;

    /// <summary>Makes the name of a log that no other has.</summary>
    public static string NewName() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameDigits / 2));

    /// <summary>Reads an id.</summary>
    /// <returns>False for a text that is none of ours.</returns>
    public static bool TryParse(string? text, out FeedPosition position)
    {
        position = default;
        if (text is not { Length: <= Longest } || text.Split('-') is not [{ Length: NameDigits } log, var number, var at]
            || !log.All(char.IsAsciiHexDigitLower)
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || !long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            return false;
        position = new(log, last, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Log}-{Number}-{At.ToUnixTimeMilliseconds()}");
}

/// <summary>Makes positions in the log that this process follows.</summary>
internal sealed class FeedPositions(IFeedLog log, TimeProvider time)
{
    /// <summary>Returns the position after a change, as an id.</summary>
    public string At(long number) => new FeedPosition(log.Name, number, time.GetUtcNow()).ToString();
}
