using System.ComponentModel.DataAnnotations;
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
        return ValidateOptionsResult.Success;
    }
}
