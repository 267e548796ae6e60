using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using GenApi.Hosting.Settings;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts.Entrance;

/// <summary>
/// Logs before the service listens who may call it. It refuses a start that would admit everybody on the network if no setting says so.
/// </summary>
internal sealed partial class EntranceCheck(
    ApiKeys keys, IOptions<AccountsOptions> options, IConfiguration configuration, DataDirectory data, ILogger<EntranceCheck> logger)
    : IPreparation
{
    /// <exception cref="SettingException">There is no key, and the service would listen on more than the loopback.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (options.Value.AllowAnonymous)
            Log.Anonymous(logger);
        if (keys.HasKeys)
            Log.Keyed(logger, keys.List().Count);
        else if (options.Value.AllowAnonymous)
            Log.FirstKey(logger, FirstKey.Command(configuration, data.Root));
        else if (ListenAddresses.Of(configuration).Select(each => each.Url).FirstOrDefault(address => !IsLoopback(address)) is { } address)
        {
            throw new SettingException(AccountsOptions.Section,
                $"there is no API key yet, and {address} can be reached from other machines. "
                + $"Make a key with `{FirstKey.Command(configuration, data.Root)}`, or set Accounts:AdminKey, "
                + "or set Accounts:AllowAnonymous=true to let everybody in.");
        }
        else
            Log.Open(logger, FirstKey.Command(configuration, data.Root));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Says whether Kestrel would listen on the loopback alone. It listens on every address of the machine for each name but
    /// <c>localhost</c>, even for <c>localhost.</c> with a dot.
    /// </summary>
    internal static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        if (address.IsUnixPipe || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        return System.Net.IPAddress.TryParse(address.Host, out var ip) && System.Net.IPAddress.IsLoopback(ip);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "OPEN: there are no API keys, so everybody on this machine may do everything. The first key closes the door: {Command}")]
        public static partial void Open(ILogger logger, string command);

        [LoggerMessage(2, LogLevel.Warning, "Callers without an API key may generate and read (Accounts:AllowAnonymous)")]
        public static partial void Anonymous(ILogger logger);

        [LoggerMessage(3, LogLevel.Information, "Callers need an API key; {Count} are known")]
        public static partial void Keyed(ILogger logger, int count);

        [LoggerMessage(4, LogLevel.Information, "There are no API keys yet. The first one: {Command}")]
        public static partial void FirstKey(ILogger logger, string command);
    }
}
