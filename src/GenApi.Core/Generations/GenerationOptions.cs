using System.Globalization;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations;

/// <summary>The section <c>Generations</c>.</summary>
public sealed class GenerationOptions
{
    public const string Section = "Generations";

    /// <summary>How long POST /generate waits when the caller does not say, in seconds; 0 to 300.</summary>
    public int DefaultWaitSeconds { get; set; } = 60;

    /// <summary>The value of <c>cache</c> when the caller does not give one.</summary>
    public CacheMode DefaultCache { get; set; } = CacheMode.Auto;

    /// <summary>Whether answers are shared between keys, from the store and in flight.</summary>
    public CacheScope CacheScope { get; set; } = CacheScope.Shared;

    /// <summary>The longest run, in seconds; sent upstream as <c>Cancel-After</c>, which takes 5 s to 24 h.</summary>
    public int MaxRunSeconds { get; set; } = 900;

    /// <summary>The most unfinished generations. Further ones are refused as overloaded.</summary>
    public int MaxQueued { get; set; } = 10_000;

    /// <summary>
    /// The most event streams and waits at once. A further stream is refused as overloaded, and a further wait returns the generation as it
    /// is.
    /// </summary>
    public int MaxListeners { get; set; } = 10_000;

    /// <summary>
    /// How long a creation whose answer was never seen is searched for before it counts as never made, in seconds. Replicate lists
    /// predictions without a stated delay; ten seconds is our margin.
    /// </summary>
    public double SettleSeconds { get; set; } = 10;

    /// <summary>
    /// How long a generation is sent again to an upstream that can't be reached before it fails, in seconds. If the upstream asks to slow
    /// down, GenApi waits without a limit.
    /// </summary>
    public int SubmitPatienceSeconds { get; set; } = 120;

    /// <summary>How long finished files are fetched again after failures, in seconds. Replicate keeps them for an hour (3600).</summary>
    public int DownloadPatienceSeconds { get; set; } = 3300;

    /// <summary>The most files fetched at the same time.</summary>
    public int MaxDownloads { get; set; } = 16;
}

/// <summary>How far an answer is shared.</summary>
public enum CacheScope
{
    /// <summary>Equal requests get the same answer: one run, one bill.</summary>
    Shared,

    /// <summary>Each key has separate answers and separate runs.</summary>
    Key,
}

/// <summary>Reports each unusable setting in one sentence that begins with its key.</summary>
internal sealed class GenerationOptionsValidator : IValidateOptions<GenerationOptions>
{
    private const int Day = 86_400;

    public ValidateOptionsResult Validate(string? name, GenerationOptions options)
    {
        var failures = new List<string>();
        Check(nameof(options.DefaultWaitSeconds), options.DefaultWaitSeconds, 0, 300);
        Check(nameof(options.MaxRunSeconds), options.MaxRunSeconds, 5, Day);
        Check(nameof(options.MaxQueued), options.MaxQueued, 1, 1_000_000);
        Check(nameof(options.MaxListeners), options.MaxListeners, 1, 1_000_000);
        Check(nameof(options.SettleSeconds), options.SettleSeconds, 0.1, 600);
        Check(nameof(options.SubmitPatienceSeconds), options.SubmitPatienceSeconds, 1, Day);
        Check(nameof(options.DownloadPatienceSeconds), options.DownloadPatienceSeconds, 1, Day);
        Check(nameof(options.MaxDownloads), options.MaxDownloads, 1, 256);
        if (!Enum.IsDefined(options.DefaultCache))
            Refuse(nameof(options.DefaultCache), $"{options.DefaultCache}", "auto, reuse, refresh");
        if (!Enum.IsDefined(options.CacheScope))
            Refuse(nameof(options.CacheScope), $"{options.CacheScope}", "shared, key");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, double value, double lowest, double highest)
        {
            if (value < lowest || value > highest || double.IsNaN(value))
            {
                var allowed = string.Create(CultureInfo.InvariantCulture, $"{lowest} to {highest}");
                Refuse(key, value.ToString(CultureInfo.InvariantCulture), allowed);
            }
        }

        void Refuse(string key, string value, string allowed) =>
            failures.Add($"{GenerationOptions.Section}:{key}: {value} is not allowed. Allowed: {allowed}.");
    }
}
