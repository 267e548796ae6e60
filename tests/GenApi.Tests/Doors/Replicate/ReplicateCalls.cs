using System.Text.Json;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>Calls of the Replicate door, as its clients make them.</summary>
internal static class ReplicateCalls
{
    public const string Root = "/replicate/v1", Predictions = Root + "/predictions";

    public const string Sdxl = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc",
        EarlierSdxl = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";

    /// <summary>What a version 1 client of JavaScript calls itself.</summary>
    public static readonly (string, string) JavaScript = ("User-Agent", "replicate-javascript/1.4.0");

    public static readonly (string, string) Wait = ("Prefer", "wait");

    public static object Fox(int seed = 1) => new { prompt = "a red fox in snow", width = 64, height = 64, seed };

    /// <summary>Creates a prediction of SDXL by its version.</summary>
    public static Task<Answer> PredictAsync(this GenApiApp app, int seed = 1, params (string Name, string Value)[] headers) =>
        app.PostAsync(Predictions, new { version = Sdxl, input = Fox(seed) }, headers);

    /// <summary>Asks for a prediction of a model until it has ended.</summary>
    public static async Task<Answer> RunAsync(this GenApiApp app, string model, object input, params (string Name, string Value)[] headers)
    {
        var made = await app.PostAsync($"{Root}/models/{model}/predictions", new { input }, [Wait, .. headers]);
        Assert.True(made.Status == 201, made.Text);
        Assert.Equal("succeeded", made.State);
        return made;
    }

    public static Task<Answer> PredictionAsync(this GenApiApp app, string id, params (string Name, string Value)[] headers) =>
        app.GetAsync($"{Predictions}/{id}", headers);

    public static string Url(this Answer prediction, string name) => prediction["urls", name].GetString()!;

    /// <summary>The path of an absolute address of this service.</summary>
    public static string PathOf(this GenApiApp app, string address)
    {
        Assert.StartsWith(app.Address.AbsoluteUri, address, StringComparison.Ordinal);
        return address[(app.Address.AbsoluteUri.Length - 1)..];
    }

    public static string Text(this JsonElement element) => element.GetString()!;
}
