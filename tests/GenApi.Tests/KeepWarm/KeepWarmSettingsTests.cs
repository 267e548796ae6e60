using GenApi.Core.KeepWarm;
using GenApi.Tests.Models;

namespace GenApi.Tests.KeepWarm;

public sealed class KeepWarmSettingsTests
{
    [Fact]
    public void Nothing_is_kept_warm_unless_it_is_said() =>
        Assert.All(ModelOptionsTests.Read().Aliases.Values, alias => Assert.Null(alias.KeepWarm));

    [Fact]
    public void What_can_be_kept_warm_is_taken_beside_a_reference_alone_too()
    {
        Assert.Empty(Failures());
        Assert.Empty(
            Failures(
                ("sdxl:KeepWarm:Hours", "08-18"), ("sdxl:KeepWarm:Days", "mon-fri"), ("sdxl:KeepWarm:TimeZone", "Europe/Berlin"),
                ("sdxl:KeepWarm:EveryMinutes", "1440")));
        // The same model at another version has its own machines.
        Assert.Empty(Failures(("new:Model", "stability-ai/sdxl"), ("new:KeepWarm:Enabled", "true"), ("new:KeepWarm:DailyLimitUsd", "1")));
        Assert.Empty(Failures(("sdxl:KeepWarm:Enabled", "false"), ("sdxl:KeepWarm:DailyLimitUsd", "0")));
    }

    [Theory]
    [InlineData("sdxl:KeepWarm:DailyLimitUsd", "0")]
    [InlineData("sdxl:KeepWarm:DailyLimitUsd", "-1")]
    [InlineData("sdxl:KeepWarm:DailyLimitUsd", "1001")]
    [InlineData("sdxl:KeepWarm:EveryMinutes", "0")]
    [InlineData("sdxl:KeepWarm:EveryMinutes", "1441")]
    [InlineData("sdxl:KeepWarm:Hours", "8 to 18")]
    [InlineData("sdxl:KeepWarm:Days", "workdays")]
    [InlineData("sdxl:KeepWarm:TimeZone", "Berlin")]
    public void An_unusable_setting_is_named_by_its_key(string key, string value) =>
        Assert.StartsWith($"Models:Aliases:{key} ", Assert.Single(Failures((key, value))), StringComparison.Ordinal);

    [Fact]
    public void One_model_is_kept_warm_by_one_alias()
    {
        var failures = Failures(
            ("tdxl:Model", "stability-ai/sdxl:7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"),
            ("tdxl:KeepWarm:Enabled", "true"), ("tdxl:KeepWarm:DailyLimitUsd", "1"));

        Assert.StartsWith(
            "Models:Aliases:tdxl:KeepWarm:Enabled must be false: the alias sdxl already keeps the same model warm", Assert.Single(failures),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_in_place_of_the_members_is_refused() =>
        Assert.Contains(
            "Models:Aliases:sdxl:KeepWarm has members", Assert.ThrowsAny<Exception>(
                () => ModelOptionsTests.Read(("Models:Aliases:sdxl:KeepWarm", "true"))).Message, StringComparison.Ordinal);

    private static IEnumerable<string> Failures(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["sdxl:KeepWarm:Enabled"] = "true", ["sdxl:KeepWarm:DailyLimitUsd"] = "1" };
        foreach (var (key, value) in settings)
            all[key] = value;
        return new KeepWarmSettings().Validate(
            null, ModelOptionsTests.Read([.. all.Select(each => ($"Models:Aliases:{each.Key}", each.Value))])).Failures ?? [];
    }
}
