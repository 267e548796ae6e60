using System.Globalization;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations;

/// <summary>The section <c>Generations</c>.</summary>
public sealed class GenerationOptions
{
    public const string Section = "Generations";

    /// <summary>The number of seconds that <c>POST /generate</c> waits if the request does not say.</summary>
    /// <value>0 to 300</value>
    public int DefaultWaitSeconds { get; set; } = 60;

    /// <summary>
    /// The default of <c>cache</c> in a request. <c>auto</c>: a request with a seed is answered from the store. <c>reuse</c>: a request
    /// with any seed is. <c>refresh</c>: the image is always made again.
    /// </summary>
    public CacheMode DefaultCache { get; set; } = CacheMode.Auto;

    /// <summary>
    /// The answers that may serve a request, from the store and in flight. <c>shared</c>: everyone's, so the same request is made once.
    /// <c>key</c>: only the same key's. Answers made under the other value are not found.
    /// </summary>
    public CacheScope CacheScope { get; set; } = CacheScope.Shared;

    /// <summary>
    /// The time from submission to the end, in seconds. It is sent to Replicate as <c>Cancel-After</c>, so a run that GenApi loses sight of
    /// ends too. A run that takes longer fails as <c>upstream_timeout</c>.
    /// </summary>
    /// <value>5 to 86,400</value>
    public int MaxRunSeconds { get; set; } = 900;

    /// <summary>Unfinished generations. Above this, new ones get 503 <c>overloaded</c>.</summary>
    /// <value>1 to 1,000,000</value>
    public int MaxQueued { get; set; } = 10_000;

    /// <summary>
    /// Event streams and waits at once. Above this, a stream gets 503 <c>overloaded</c>, and a wait is answered at once with the generation
    /// as it is, or by the OpenAI and A1111 doors with 400 and its id.
    /// </summary>
    /// <value>1 to 1,000,000</value>
    public int MaxListeners { get; set; } = 10_000;

    /// <summary>
    /// The number of seconds for which GenApi looks for a creation whose answer it never saw. After that, the creation counts as never
    /// made. Replicate states no delay for its lists; ten seconds is our margin.
    /// </summary>
    /// <value>0.1 to 600</value>
    public double SettleSeconds { get; set; } = 10;

    /// <summary>
    /// The number of seconds for which GenApi retries a creation while the upstream can't be reached. If the upstream asks to slow down,
    /// GenApi waits without a limit.
    /// </summary>
    /// <value>1 to 86,400</value>
    public int SubmitPatienceSeconds { get; set; } = 120;

    /// <summary>
    /// The number of seconds for which GenApi retries the download of a finished file. Replicate keeps files for an hour (3,600).
    /// </summary>
    /// <value>1 to 86,400</value>
    public int DownloadPatienceSeconds { get; set; } = 3300;

    /// <summary>Files that are downloaded at the same time.</summary>
    /// <value>1 to 256</value>
    public int MaxDownloads { get; set; } = 16;
}

/// <summary>The callers that share an answer.</summary>
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
