using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// Checks that https works for each address that asks for it. Kestrel reads certificates only when it listens, at the end of a start, so a
/// rehearsal server on a loopback port reads them first.
/// </summary>
internal static class Certificates
{
    private const string Section = "Kestrel:Certificates", Rehearsal = "Endpoints:Rehearsal";

    /// <param name="configuration">The settings of this process.</param>
    /// <param name="contentRoot">The folder that relative paths of certificates start from.</param>
    /// <exception cref="SettingException">An address has no certificate, or its certificate can't be used.</exception>
    public static async Task RequireAsync(IConfiguration configuration, string contentRoot)
    {
        foreach (var (key, url) in ListenAddresses.Of(configuration).Where(each =>
            BindingAddress.Parse(each.Url).Scheme == Uri.UriSchemeHttps))
        {
            var settings = new Dictionary<string, string?> { [$"{Rehearsal}:Url"] = "https://127.0.0.1:0" };
            Copy(configuration.GetSection(Section), "Certificates", settings);
            // An address in Urls has no certificate setting.
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
