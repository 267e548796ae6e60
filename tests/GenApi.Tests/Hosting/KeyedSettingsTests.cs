using System.Reflection;
using GenApi.Core;
using GenApi.Core.Errors;
using GenApi.Core.Models;
using GenApi.Core.Models.Settings;
using GenApi.Doors.OpenAi;
using GenApi.Hosting.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Hosting;

/// <summary>
/// Settings with names that the operator chooses: an entry of a later source replaces an earlier one, and they are not mixed.
/// </summary>
public sealed class KeyedSettingsTests : IDisposable
{
    private const string Version = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";
    private const string Dev = "black-forest-labs/flux-dev";

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-keyed-").FullName;

    [Fact]
    public void A_price_of_the_command_line_replaces_that_of_the_file()
    {
        WritePrices("""{"DEV":{"PerImage":0.025,"MostImages":4},"stability-ai/sdxl":{"Hardware":"gpu-l40s","TypicalSeconds":6.5}}""");

        var options = Read($"--Models:Prices:{Dev}:PerRun=0.03", "--models:prices:STABILITY-AI/SDXL:perimage=0.01");

        Assert.Equal((0.03m, null, null), (options.Prices[Dev].PerRun, options.Prices[Dev].PerImage, options.Prices[Dev].MostImages));
        var sdxl = options.Prices["stability-ai/sdxl"];
        Assert.Equal(("", 0.01m, null), (sdxl.Hardware, sdxl.PerImage, sdxl.TypicalSeconds));
        // No source changes this one.
        Assert.Equal(0.003m, options.Prices["black-forest-labs/flux-schnell"].PerImage);
    }

    [Theory]
    [InlineData("""{"PerImage":0.025}""", "")]
    [InlineData("""{"Hardware":"gpu-l40s","TypicalSeconds":3}""", " ")]
    [InlineData("\"\"", null)]
    [InlineData("{}", null)]
    [InlineData("null", null)]
    public void An_empty_value_takes_the_entry_away(string file, string? argument)
    {
        Write("appsettings.json", """{"Models":{"Prices":{"DEV":FILE}}}""".Replace("FILE", file, StringComparison.Ordinal));

        Assert.False(Read(argument is null ? [] : [$"--Models:Prices:{Dev}={argument}"]).Prices.ContainsKey(Dev));
    }

    [Fact]
    public void What_was_taken_away_can_be_set_again_by_a_later_source()
    {
        Write("appsettings.json", """{"Models":{"Prices":{"DEV":""},"Hardware":{"gpu-t4":""},"Aliases":{"sd":""}}}""");
        Write("appsettings.Production.json", """{"Models":{"Hardware":{"GPU-T4":0.5},"Aliases":{"sd":"me/mine"}}}""");

        var options = Read($"--Models:Prices:{Dev}:PerImage=0.5");

        Assert.Equal((0.5m, 0.5m, "me/mine"), (options.Prices[Dev].PerImage, options.Hardware["gpu-t4"], options.Aliases["sd"].Model));
    }

    [Fact]
    public void Each_source_goes_before_those_below_it()
    {
        WritePrices("""{"a/1":{"PerRun":1},"a/2":{"PerRun":1},"a/3":{"PerRun":1},"a/4":{"PerRun":1}}""");
        Write("appsettings.Production.json", """{"Models":{"Prices":{"a/2":{"PerImage":2},"a/3":{"PerImage":2},"a/4":{"PerImage":2}}}}""");

        var options = Read("--Models:Prices:a/3:PerMegapixel=3", "--Models:Prices:A/4=");

        string Said(string model) => options.Prices.TryGetValue(model, out var price)
            ? $"{price.PerRun}|{price.PerImage}|{price.PerMegapixel}" : "none";
        Assert.Equal(["1||", "|2|", "||3", "none"], [Said("a/1"), Said("a/2"), Said("a/3"), Said("a/4")]);
    }

    [Fact]
    public void A_version_has_an_entry_of_its_own()
    {
        WritePrices("""{"me/mine":{"PerRun":1},"me/mine:VERSION":{"PerImage":2,"PerRun":2},"me/other:VERSION":{"PerRun":7}}""");

        var options = Read($"--Models:Prices:me/mine:{Version.ToUpperInvariant()}:PerMegapixel=3");

        var (mine, version) = (options.Prices["me/mine"], options.Prices[$"me/mine:{Version}"]);
        Assert.Equal((1m, null, null), (mine.PerRun, mine.PerImage, mine.PerMegapixel));
        Assert.Equal((null, null, 3m), (version.PerRun, version.PerImage, version.PerMegapixel));
        Assert.Equal(7, options.Prices[$"me/other:{Version}"].PerRun);
        Assert.False(options.Prices.ContainsKey("me/other"));
    }

    [Fact]
    public void An_alias_that_names_its_model_is_a_new_one_and_one_that_does_not_changes_the_old_one()
    {
        Write("appsettings.json", """
            {"Models":{"Aliases":{
              "a":{"Model":"me/a","MaskRepaints":"black","Price":{"PerImage":1}},
              "b":{"Model":"me/b","MaskRepaints":"black","Price":{"PerImage":1},
                    "KeepWarm":{"Enabled":true,"DailyLimitUsd":1,"Hours":"08-18"}},
              "c":"me/c"}}}
            """);

        var options = Read("--Models:Aliases:a=me/z", "--Models:Aliases:b:Price:PerRun=2", "--Models:Aliases:B:KeepWarm:Enabled=false",
            "--Models:Aliases:c:MaskRepaints=white", "--Models:Aliases:sdxl:Price:PerRun=5");

        var (a, b, c) = (options.Aliases["a"], options.Aliases["b"], options.Aliases["c"]);
        Assert.Equal(("me/z", null, null), (a.Model, a.MaskRepaints, a.Price));
        Assert.Equal(("me/b", MaskColour.Black, 2m, null), (b.Model, b.MaskRepaints, b.Price!.PerRun, b.Price.PerImage));
        Assert.Equal((false, 0m, ""), (b.KeepWarm!.Enabled, b.KeepWarm.DailyLimitUsd, b.KeepWarm.Hours));
        Assert.Equal(("me/c", MaskColour.White), (c.Model, c.MaskRepaints));
        var sdxl = options.Aliases["sdxl"];
        Assert.Equal((true, 5m), (sdxl.Model.StartsWith("stability-ai/sdxl:", StringComparison.Ordinal), sdxl.Price!.PerRun));
    }

    [Fact]
    public void An_alias_without_any_model_is_refused() =>
        Assert.StartsWith("Models:Aliases:new must be owner/name",
            Assert.Throws<OptionsValidationException>(() => Read("--Models:Aliases:new:MaskRepaints=white")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_typo_in_an_entry_is_found_in_every_source()
    {
        Write("appsettings.json", """{"Models":{"Prices":{"me/mine:VERSION":{"PerImge":2}}}}""");

        Assert.StartsWith($"Models:Prices:me/mine:{Version}:PerImge: there is no such setting. Did you mean",
            Assert.Throws<SettingException>(() => Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_dictionary_of_the_settings_is_read_that_way()
    {
        var dictionaries = new[] { typeof(CoreRegistration).Assembly, typeof(KnownSettings).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true })
            .SelectMany(type => type.GetProperties()
                .Where(property => typeof(System.Collections.IDictionary).IsAssignableFrom(property.PropertyType)));

        Assert.All(dictionaries, property =>
            Assert.True(property.DeclaringType is { } owner && (owner == typeof(ModelOptions) || owner == typeof(OpenAiOptions))
                && KeyedSettings.ValueOf(property.PropertyType) is not null,
            $"{property.DeclaringType} binds {property.Name} key by key; bind its section with KeyedSettings.Bind."));
    }

    [Fact]
    public async Task The_environment_replaces_an_entry_of_the_file_too()
    {
        await using var app = await GenApiApp.StartProcessAsync(new()
        {
            [$"Models:Prices:{Dev}:PerRun"] = "0.03",
            ["Models:Prices:stability-ai/sdxl:PerImage"] = "0.01",
            ["Models:Prices:black-forest-labs/flux-schnell"] = "",
        });

        var dev = (await app.GetAsync("/models/flux-dev"))["price"];
        Assert.Equal(("0.03", "0.03", false),
            (dev.GetProperty("usd_per_run").GetString(), dev.GetProperty("typical_usd").GetString(),
            dev.TryGetProperty("usd_per_image", out var image) && image.GetString() is not null));
        Assert.Equal("0.01", (await app.GetAsync("/models/sdxl"))["price", "usd_per_image"].GetString());
        Assert.Equal("null", (await app.GetAsync("/models/flux-schnell"))["price"].GetRawText());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void WritePrices(string json) => Write("appsettings.json", $$$"""{"Models":{"Prices":{{{json}}}}}""");

    private void Write(string name, string text) =>
        File.WriteAllText(Path.Combine(_folder, name),
            text.Replace("DEV", Dev, StringComparison.Ordinal).Replace("VERSION", Version, StringComparison.Ordinal));

    /// <summary>Reads the options from all sources, as the service does.</summary>
    private ModelOptions Read(params string[] args)
    {
        var builder = HostSettings.CreateBuilder([$"--contentRoot={_folder}", .. args]);
        builder.AddSettings("/nowhere");
        new KnownSettings(builder.Configuration).Section<ModelOptions>(ModelOptions.Section);
        using var provider = new ServiceCollection().AddSingleton<IConfiguration>(builder.Configuration).AddModels().BuildServiceProvider();
        return provider.GetRequiredService<IOptions<ModelOptions>>().Value;
    }
}
