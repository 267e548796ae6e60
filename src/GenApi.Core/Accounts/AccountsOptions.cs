using System.ComponentModel.DataAnnotations;
using GenApi.Core.Network;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Accounts;

/// <summary>The section <c>Accounts</c>.</summary>
public sealed class AccountsOptions
{
    public const string Section = "Accounts";

    /// <summary>A key with the right <c>admin</c> that is in no database; better in the environment or in <c>/run/secrets</c> than in a file. Empty: none.</summary>
    public string AdminKey { get; set; } = "";

    /// <summary>Whether a caller without a key may generate and read, as one account for all of them. Keys still work beside it.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Requests a minute of each key that has no limit of its own, and of all callers without a key together; 0: no limit.</summary>
    [Range(0, KeyTerms.MostPerMinute)]
    public int RequestsPerMinute { get; set; }

    /// <summary>The same for what is made, as against what is answered from the store or joined.</summary>
    [Range(0, KeyTerms.MostPerMinute)]
    public int GenerationsPerMinute { get; set; }

    /// <summary>
    /// Names (<c>Host</c> headers, without a port) by which callers without a key may come, beside IP addresses and names without a dot: what a foreign web
    /// page can point at this service is always a name with a dot.
    /// </summary>
    public IList<string> AllowedHosts { get; set; } = [];

    /// <summary>What all accounts together may spend.</summary>
    public BudgetOptions Budget { get; set; } = new();

    /// <summary>What each account may spend that has no limit of its own for that span.</summary>
    public BudgetOptions KeyBudget { get; set; } = new();

    /// <summary>Whether a model without a known price may be run under a budget, of which it takes nothing then.</summary>
    public bool AllowUnpriced { get; set; }

    /// <summary>So many runs at each upstream, from when it is set, cost nothing; 0 or more.</summary>
    public int FreeRuns { get; set; }
}

/// <summary>One sentence per unusable setting, each beginning with its key. It never repeats the secret.</summary>
internal sealed class AccountsOptionsValidator : IValidateOptions<AccountsOptions>
{
    private const int ShortestAdminKey = 32;

    public ValidateOptionsResult Validate(string? name, AccountsOptions options)
    {
        var key = options.AdminKey;
        if (key.Length > 0 && (key.Length is < ShortestAdminKey or > KeySecret.Longest || key.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0))
            return ValidateOptionsResult.Fail($"{AccountsOptions.Section}:{nameof(options.AdminKey)}: this value is not allowed. Allowed: {ShortestAdminKey} to {KeySecret.Longest} visible ASCII characters, made by chance (openssl rand -hex 32).");
        if (options.FreeRuns < 0)
            return ValidateOptionsResult.Fail($"{AccountsOptions.Section}:{nameof(options.FreeRuns)} must be 0 or more; it is {options.FreeRuns}.");
        var failures = options.Budget.Failures($"{AccountsOptions.Section}:{nameof(options.Budget)}").Concat(options.KeyBudget.Failures($"{AccountsOptions.Section}:{nameof(options.KeyBudget)}")).ToList();
        failures.AddRange(options.AllowedHosts.Where(host => !NetworkHost.TryParse(host, out _))
            .Select(host => $"{AccountsOptions.Section}:{nameof(options.AllowedHosts)} must hold names or addresses without a port, such as pictures.example; '{host}' is none."));
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }
}
