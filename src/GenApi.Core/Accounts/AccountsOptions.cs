using System.ComponentModel.DataAnnotations;
using GenApi.Core.Network;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Accounts;

/// <summary>The section <c>Accounts</c>.</summary>
public sealed class AccountsOptions
{
    public const string Section = "Accounts";

    /// <summary>
    /// A key with the right <c>admin</c> that is in no database. Set it in the environment or in <c>/run/secrets</c> rather than in a file.
    /// </summary>
    /// <value>32 to 200 visible ASCII characters</value>
    public string AdminKey { get; set; } = "";

    /// <summary>
    /// Lets callers without a key generate and read, all of them as one account. Keys still work. If false and there is no key at all, only
    /// this machine may call.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Requests per minute for each key without its own limit, and for all callers without a key together. 0: no limit.</summary>
    [Range(0, KeyTerms.MostPerMinute)]
    public int RequestsPerMinute { get; set; }

    /// <summary>The same for generations that are made. Answers from the store and joined runs do not count.</summary>
    [Range(0, KeyTerms.MostPerMinute)]
    public int GenerationsPerMinute { get; set; }

    /// <summary>
    /// Host names, besides addresses and names without a dot, that callers without a key may use. A foreign web page can point a name with
    /// a dot at this service.
    /// </summary>
    /// <value>host names without a port</value>
    public IList<string> AllowedHosts { get; set; } = [];

    /// <summary>
    /// Days after which a browser that signed in and was not used since must sign in again. Use within them extends the session.
    /// </summary>
    [Range(1, 365)]
    public int SessionDays { get; set; } = 30;

    /// <summary>The spending limits of all accounts together.</summary>
    public BudgetOptions Budget { get; set; } = new();

    /// <summary>The spending limits of each account. An account's own limit for a span replaces the one here.</summary>
    public BudgetOptions KeyBudget { get; set; } = new();

    /// <summary>
    /// Lets models without a known price run under a budget. Such runs count as 0. If false, they are refused with 402
    /// <c>unpriced_model</c>.
    /// </summary>
    public bool AllowUnpriced { get; set; }

    /// <summary>The first N runs at each upstream after this is set are free.</summary>
    /// <value>0 or more</value>
    public int FreeRuns { get; set; }
}

/// <summary>Reports each unusable setting in one sentence that begins with its key and never repeats the secret.</summary>
internal sealed class AccountsOptionsValidator : IValidateOptions<AccountsOptions>
{
    private const int ShortestAdminKey = 32;

    public ValidateOptionsResult Validate(string? name, AccountsOptions options)
    {
        var key = options.AdminKey;
        if (key.Length > 0 && !IsAllowed(key))
        {
            return ValidateOptionsResult.Fail($"{Of(nameof(options.AdminKey))}: this value is not allowed. Allowed: "
                + $"{ShortestAdminKey} to {KeySecret.Longest} visible ASCII characters, chosen at random (openssl rand -hex 32).");
        }
        if (options.FreeRuns < 0)
            return ValidateOptionsResult.Fail($"{Of(nameof(options.FreeRuns))} must be 0 or more; it is {options.FreeRuns}.");
        var failures = options.Budget.Failures(Of(nameof(options.Budget)))
            .Concat(options.KeyBudget.Failures(Of(nameof(options.KeyBudget))))
            .ToList();
        failures.AddRange(options.AllowedHosts.Where(host => !NetworkHost.TryParse(host, out _))
            .Select(host => $"{Of(nameof(options.AllowedHosts))} must hold names or addresses without a port, such as pictures.example; "
                + $"'{host}' is not one."));
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static bool IsAllowed(string key) =>
        key.Length is >= ShortestAdminKey and <= KeySecret.Longest && key.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;

    private static string Of(string setting) => $"{AccountsOptions.Section}:{setting}";
}
