using GenApi.Core.Models;
using GenApi.Core.Models.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Models;

public sealed class ModelOptionsTests
{
    private const string Version = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";

    [Fact]
    public void Without_settings_the_known_aliases_are_there_and_valid()
    {
        var options = Read();
        Assert.Equal("sdxl", options.Default);
        Assert.True(options.AllowAny);
        Assert.Equal(60, options.RefreshMinutes);
        Assert.Equal(
            ["flux-1.1-pro", "flux-dev", "flux-schnell", "sd", "sd-3.5-large", "sdxl", "sdxl-lightning"],
            options.Aliases.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Models:Aliases:sdxl")]
    [InlineData("Models:Aliases:SDXL")]
    [InlineData("Models:Aliases:sdxl:Model")]
    public void An_alias_is_set_by_its_reference_alone_or_as_an_object(string key)
    {
        var options = Read((key, $"stability-ai/sdxl:{Version}"));
        Assert.Equal($"stability-ai/sdxl:{Version}", options.Aliases["sdxl"].Model);
        Assert.Equal(7, options.Aliases.Count);
    }

    [Fact]
    public void A_new_alias_joins_the_others_and_an_empty_one_takes_its_entry_away()
    {
        var options = Read(
            ("Models:Aliases:mine", "me/mine"), ("Models:Aliases:sd", ""), ("Models:Default", "mine"), ("Models:AllowAny", "false"));
        Assert.Equal("me/mine", options.Aliases["mine"].Model);
        Assert.False(options.Aliases.ContainsKey("sd"));
        Assert.False(options.AllowAny);
    }

    [Theory]
    [InlineData("Models:Aliases:mine", "mine")]
    [InlineData("Models:Aliases:mine", "me/mine:latest")]
    [InlineData("Models:Aliases:mine:Model", "sdxl")]
    [InlineData("Models:Aliases:my model", "me/mine")]
    [InlineData("Models:Default", "sdxxl")]
    [InlineData("Models:Default", "a/b/c")]
    [InlineData("Models:RefreshMinutes", "0")]
    [InlineData("Models:RefreshMinutes", "soon")]
    [InlineData("Models:AllowAny", "perhaps")]
    public void An_unusable_setting_is_named_by_its_key(string key, string value)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Read((key, value)));
        Assert.Contains(
            key.Replace(":Model", "", StringComparison.Ordinal) is var name && key.EndsWith(":Model", StringComparison.Ordinal)
                ? name
                : key,
            failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_must_be_an_alias_where_only_aliases_are_allowed()
    {
        Assert.Equal("me/mine", Read(("Models:Default", "me/mine")).Default);
        var failure = Assert.Throws<OptionsValidationException>(() => Read(("Models:Default", "me/mine"), ("Models:AllowAny", "false")));
        Assert.StartsWith("Models:Default", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Reads the options as the service does.</summary>
    internal static ModelOptions Read(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value)).Build());
        services.AddModels();
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<ModelOptions>>().Value;
    }
}
