using System.ComponentModel.DataAnnotations;
using GenApi.Core.Network;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Accounts;

/// <summary>The section <c>Accounts</c>.</summary>
public sealed class AccountsOptions
{
    public const string Section = "Accounts";

    /// <summary>
    /// A key with the right <c>admin</c> that is not in the database. Set it in the environment or in <c>/run/secrets</c> rather than in a
    /// file. Empty: none.
    /// </summary>
    public string AdminKey { get; set; } = "";

    /// <summary>Whether callers without a key may generate and read; they all share one account. Keys still work.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Requests per minute for each key without its own limit, and for all callers without a key together; 0: no limit.</summary>
    [Range(0, KeyTerms.MostPerMinute)]
    public int RequestsPerMinute { get; set; }

    /// <summary>New generations per minute, not counting answers from the store and joined runs; 0: no limit.</summary>
    [Range(0, KeyTerms.MostPerMinute)]
    public int GenerationsPerMinute { get; set; }

    /// <summary>
    /// Host names (<c>Host</c> headers, without a port) under which callers without a key are accepted, in addition to IP addresses and
    /// names without a dot. Any name by which a foreign web page could reach this service contains a dot.
    /// </summary>
    public IList<string> AllowedHosts { get; set; } = [];

    /// <summary>The spending limits of all accounts together.</summary>
    public BudgetOptions Budget { get; set; } = new();

    /// <summary>The spending limits of each account that has no limit of its own for that span.</summary>
    public BudgetOptions KeyBudget { get; set; } = new();

    /// <summary>Whether a model without a known price may run under a budget; such a run takes nothing from the budget.</summary>
    public bool AllowUnpriced { get; set; }

    /// <summary>The first N runs at each upstream after this is set are free; 0 or more.</summary>
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
