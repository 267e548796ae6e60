using System.Text.Json;
using GenApi.Core.Models;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Prices;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Models;

/// <summary>What a run is billed, by the rules that Replicate publishes, and which price of the table applies to it.</summary>
public sealed class PriceTests
{
    private const string Version = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";
    private const long Square = ModelPrice.Megapixel;

    [Theory]
    // Public models are billed for their running time, unless they fail; a canceled one ran until then.
    [InlineData(PredictionStatus.Succeeded, false, 6500)]
    [InlineData(PredictionStatus.Canceled, false, 6500)]
    [InlineData(PredictionStatus.Failed, false, 0)]
    [InlineData(PredictionStatus.Aborted, false, 0)]
    // Private ones boot at their owner's cost, and fail at it.
    [InlineData(PredictionStatus.Succeeded, true, 46_500)]
    [InlineData(PredictionStatus.Failed, true, 46_500)]
    [InlineData(PredictionStatus.Aborted, true, 0)]
    public void A_run_billed_by_time_costs_the_seconds_it_ran(PredictionStatus ending, bool isPrivate, long micros)
    {
        var price = new ModelPrice { Hardware = "gpu", PerSecond = 0.001m, Private = isPrivate };

        Assert.Equal(micros, MicroDollars.Of(price.CostOf(new BilledRun(ending, 6.5, 46.5, 1, Square))));
    }

    [Theory]
    [InlineData(PredictionStatus.Succeeded, 3, 3 * Square, 10_000 + 3 * 3000 + 3 * 2000)]
    [InlineData(PredictionStatus.Succeeded, 1, Square / 4, 10_000 + 3000 + 500)]
    [InlineData(PredictionStatus.Succeeded, 0, 0, 10_000)]
    [InlineData(PredictionStatus.Failed, 0, 0, 0)]
    [InlineData(PredictionStatus.Canceled, 0, 0, 0)]
    // Its safety filter came after the counting.
    [InlineData(PredictionStatus.Failed, 2, 0, 10_000 + 2 * 3000)]
    [InlineData(PredictionStatus.Aborted, 0, 0, 0)]
    public void A_run_billed_by_output_costs_what_was_put_out(PredictionStatus ending, int images, long pixels, long micros)
    {
        var price = new ModelPrice { PerRun = 0.01m, PerImage = 0.003m, PerMegapixel = 0.002m };

        Assert.Equal(micros, MicroDollars.Of(price.CostOf(new BilledRun(ending, 6.5, 6.5, images, pixels))));
    }

    [Fact]
    public void A_price_in_a_row_is_read_as_it_was_written()
    {
        var price = new ModelPrice { Hardware = "gpu-l40s", PerSecond = 0.000975m, Private = true };

        Assert.Equal(price, ModelPrice.Parse(price.ToText()));
        Assert.Null(ModelPrice.Parse(null));
    }

    [Theory]
    [InlineData("0.0063375", 6338, "0.006338")]
    [InlineData("0.0000004", 0, "0")]
    [InlineData("12.5", 12_500_000, "12.5")]
    public void Money_is_kept_in_whole_millionths(string usd, long micros, string text)
    {
        var amount = decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal((micros, text), (MicroDollars.Of(amount), MicroDollars.ToText(micros)));
        Assert.True(MicroDollars.ToUsd(MicroDollars.AtLeast(amount)) >= amount);
    }

    [Fact]
    public void The_price_of_a_version_goes_before_that_of_its_model_and_that_of_an_alias_before_both()
    {
        var options = ModelOptionsTests.Read(
            ("Models:Prices:me/mine:PerImage", "1"), ($"Models:Prices:me/mine:{Version}:PerImage", "2"),
            ("Models:Prices:me/other:PerImage", "3"),
            ("Models:Aliases:other", "me/other"), ("Models:Aliases:other:Price:PerRun", "4"));
        var prices = new PriceList(options);

        Assert.Equal(1, prices.Find("me/mine", null)?.PerImage);
        Assert.Equal(1, prices.Find("Me/Mine", Version.Replace('3', '4'))?.PerImage);
        Assert.Equal(2, prices.Find("me/mine", Version)?.PerImage);
        Assert.Equal((0, 4), (prices.Find("me/other", null)?.PerImage, prices.Find("me/other", null)?.PerRun));
        Assert.Null(prices.Find("me/unknown", null));
    }

    [Fact]
    public void A_price_set_for_a_model_takes_the_place_of_the_one_that_came_with_the_service_and_an_empty_one_takes_it_away()
    {
        var prices = new PriceList(
            ModelOptionsTests.Read(("Models:Prices:stability-ai/sdxl:PerImage", "0.01"), ("Models:Prices:black-forest-labs/flux-dev", "")));

        Assert.Equal((null, 0.01m), (prices.Find("stability-ai/sdxl", null)?.Hardware, prices.Find("stability-ai/sdxl", null)?.PerImage));
        Assert.Null(prices.Find("black-forest-labs/flux-dev", null));
        Assert.Equal(0.003m, prices.Find("black-forest-labs/flux-schnell", null)?.PerImage);
    }

    [Theory]
    [InlineData("Models:Prices:sdxl:PerImage", "1", "Models:Prices:sdxl must be named owner/name")]
    [InlineData("Models:Prices:me/mine:Private", "true", "Models:Prices:me/mine must have Hardware, PerRun, PerImage or PerMegapixel.")]
    [InlineData("Models:Prices:me/mine:MostImages", "3", "Models:Prices:me/mine must have Hardware, PerRun, PerImage or PerMegapixel.")]
    [InlineData("Models:Prices:me/mine:TypicalSeconds", "3", "Models:Prices:me/mine:TypicalSeconds means nothing without Hardware.")]
    [InlineData("Models:Prices:stability-ai/sdxl:TypicalSeconds", "0", "Models:Prices:stability-ai/sdxl must have Hardware")]
    [InlineData("Models:Hardware:gpu-l40s", "-0.1", "Models:Hardware:gpu-l40s must be US dollars per second from 0 to 1000; it is -0.1.")]
    public void An_unusable_price_is_named_by_its_key(string key, string value, string sentence) =>
        Assert.Contains(
            sentence, Assert.Throws<OptionsValidationException>(() => ModelOptionsTests.Read((key, value))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Two_aliases_of_one_model_have_one_price()
    {
        var failure = Assert.Throws<OptionsValidationException>(() => ModelOptionsTests.Read(
            ("Models:Aliases:a", "me/mine"), ("Models:Aliases:b", "me/mine"), ("Models:Aliases:a:Price:PerImage", "1"),
            ("Models:Aliases:b:Price:PerImage", "2")));

        Assert.Equal(
            "Models:Aliases:b:Price: the alias a means the same model and has a price too; give it to one of them.", failure.Message);
    }

    [Fact]
    public void The_settings_file_shows_the_prices_that_hold_without_it()
    {
        var file = new ConfigurationBuilder().AddJsonFile(Repository.PathOf("appsettings.json")).Build();
        var shown = ModelOptionsTests.Read(
            [.. file.AsEnumerable().Where(pair => pair.Value is not null).Select(pair => (pair.Key, pair.Value!))]);
        var builtIn = ModelOptionsTests.Read();

        Assert.Equal(builtIn.Hardware.OrderBy(pair => pair.Key), shown.Hardware.OrderBy(pair => pair.Key));
        Assert.Equal(
            JsonSerializer.Serialize(builtIn.Prices.OrderBy(pair => pair.Key)),
            JsonSerializer.Serialize(shown.Prices.OrderBy(pair => pair.Key)));
        Assert.All(builtIn.Aliases.Values, alias => Assert.True(builtIn.Prices.ContainsKey(alias.Model.Split(':')[0])));
    }

    [Theory]
    [InlineData("""{ "width": 512, "height": 1024, "num_outputs": 3, "num_inference_steps": 20 }""", 3, 20, 524_288L)]
    [InlineData("""{ "megapixels": "0.25", "aspect_ratio": "16:9", "steps": 4.0 }""", 1, 4, 262_144L)]
    [InlineData("""{ "size": "1365x1024" }""", 1, 1, 1_397_760L)]
    [InlineData("""{ "resolution": "2 MP" }""", 1, 1, 2_097_152L)]
    [InlineData("""{ "image_size": "2K", "num_outputs": 99999999 }""", 99_999_999, 1, 4_194_304L)]
    [InlineData("""{ "prompt": "x", "width": 512, "resolution": "None" }""", 1, 1, null)]
    [InlineData("""{ "resolution": "99999x99999", "num_outputs": "two" }""", 1, 1, 9_999_800_001L)]
    [InlineData("""{ "width": "512", "height": " 1024 ", "num_outputs": "3" }""", 3, 1, 524_288L)]
    public void How_much_an_input_asks_for_is_read_from_the_names_that_models_use(string input, long images, int steps, long? pixels)
    {
        var values = JsonElement.Parse(input).EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)).ToList();

        var size = RunSize.Of(InputSchema.Unknown, values, false);

        Assert.Equal((images, steps, pixels), (size.Images, size.Steps, size.Pixels));
    }
}
