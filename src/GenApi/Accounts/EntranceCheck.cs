using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts;

/// <summary>
/// Before the service listens: says in one line who may come in, and refuses to start where that would be everybody on the network without anybody having
/// said so.
/// </summary>
internal sealed partial class EntranceCheck(ApiKeys keys, IOptions<AccountsOptions> options, IConfiguration configuration, ILogger<EntranceCheck> logger) : IHostedService
{
    /// <exception cref="SettingException">There is no key, and the service would listen on more than the loopback.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.AllowAnonymous)
            Log.Anonymous(logger);
        else if (keys.HasKeys)
            Log.Keyed(logger, keys.List().Count);
        else if (Addresses().FirstOrDefault(address => !IsLoopback(address)) is { } address)
            throw new SettingException(AccountsOptions.Section,
                $"there is no API key yet, and {address} can be reached from other machines. Make a key with `genapi keys create --name … [--admin]` (genapi: `dotnet GenApi.dll`), or set Accounts:AdminKey, or set Accounts:AllowAnonymous=true to let everybody in.");
        else
            Log.Open(logger);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// As Kestrel reads it, and not by the normal form of hosts: it listens on every address of the machine for each name but
    /// <c>localhost</c>, even for
    /// <c>localhost.</c> with a dot.
    /// </summary>
    internal static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        if (address.IsUnixPipe || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        return System.Net.IPAddress.TryParse(address.Host, out var ip) && System.Net.IPAddress.IsLoopback(ip);
    }

    /// <summary>Kestrel's own section overrides <c>Urls</c>.</summary>
    private IReadOnlyList<string> Addresses()
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToList();
        return endpoints.Count > 0
            ? endpoints
            : (configuration["Urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "OPEN: there are no API keys, so everybody on this machine may do everything. The first key closes the door: genapi keys create --name … --admin")]
        public static partial void Open(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "Callers without an API key may generate and read (Accounts:AllowAnonymous)")]
        public static partial void Anonymous(ILogger logger);

        [LoggerMessage(3, LogLevel.Information, "Callers need an API key; {Count} are known")]
        public static partial void Keyed(ILogger logger, int count);
    }
}
