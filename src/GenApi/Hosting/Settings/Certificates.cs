using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// Whether https can be offered where an address asks for it. Kestrel reads certificates when it listens, which is last of all; so a
/// server that listens for nobody, on a port of the loopback, reads them first.
/// </summary>
internal static class Certificates
{
    private const string Section = "Kestrel:Certificates", Rehearsal = "Endpoints:Rehearsal";

    /// <param name="configuration">The settings of this process.</param>
    /// <param name="contentRoot">What paths of certificates are relative to.</param>
    /// <exception cref="SettingException">There is no certificate for an address, or it can't be used.</exception>
    public static async Task RequireAsync(IConfiguration configuration, string contentRoot)
    {
        foreach (var (key, url) in ListenAddresses.Of(configuration).Where(each =>
            BindingAddress.Parse(each.Url).Scheme == Uri.UriSchemeHttps))
        {
            var settings = new Dictionary<string, string?> { [$"{Rehearsal}:Url"] = "https://127.0.0.1:0" };
            Copy(configuration.GetSection(Section), "Certificates", settings);
            // An address of Urls has no certificate of its own.
            if (key.LastIndexOf(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal) is > 0 and var end)
                Copy(configuration.GetSection($"{key[..end]}:Certificate"), $"{Rehearsal}:Certificate", settings);
            try
            {
                await RehearseAsync(settings, contentRoot);
            }
            catch (Exception failure)
            {
                throw new SettingException(key, $"https can't be offered on '{url}' ({failure.Message})", failure);
            }
        }
    }

    private static async Task RehearseAsync(Dictionary<string, string?> settings, string contentRoot)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = contentRoot });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(
            kestrel => kestrel.Configure(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        await using var server = builder.Build();
        await server.StartAsync();
        await server.StopAsync();
    }

    private static void Copy(IConfigurationSection from, string to, Dictionary<string, string?> settings)
    {
        foreach (var (path, value) in from.AsEnumerable(makePathsRelative: true))
            settings[path.Length == 0 ? to : ConfigurationPath.Combine(to, path)] = value;
    }
}
