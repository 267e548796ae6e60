using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;
using GenApi.Core.Replicate.Reading;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Replicate;

/// <summary>Real answers of Replicate, from 2023 to 2024, read by the client over a socket.</summary>
public sealed class RecordingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_recorded_prediction_is_read_and_says_what_its_body_says()
    {
        var read = 0;
        foreach (var recording in SharedFiles.Recordings().Where(
            r => r.Status is 200 or 201 && r.Uri.AbsolutePath.Contains("/predictions", StringComparison.Ordinal)))
        {
            await using var server = await recording.ReplayAsync();
            await using var rig = new ReplicateRig(server.BaseUrl);
            var prediction = recording switch
            {
                { Method: "GET" } => await rig.Client.GetAsync(IdOf(recording.Body), Cancel),
                { Uri.AbsolutePath: var path } when path.EndsWith("/cancel", StringComparison.Ordinal) =>
                    await rig.Client.CancelAsync(IdOf(recording.Body), Cancel),
                _ => await rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel),
            };
            AssertSame(JsonElement.Parse(recording.Body), prediction, recording.Name);
            read++;
        }

        Assert.Equal(9, read);
    }

    [Fact]
    public async Task Every_recorded_model_is_read_with_its_schema_and_example()
    {
        var recordings = SharedFiles.Recordings().ToArray();
        var models = recordings.Where(r => r.Method == "GET" && r.Uri.Segments.Length == 5 && r.Uri.Segments[2] == "models/")
            .Select(r => (r.Name, r.Body)).ToList();
        var collection = recordings.Single(r => r.Uri.AbsolutePath.EndsWith("/collections/text-to-image", StringComparison.Ordinal));
        models.AddRange(
            JsonElement.Parse(collection.Body).GetProperty("models").EnumerateArray()
            .Select(model => (collection.Name, model.GetRawText())));

        var body = "";
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(body, Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        foreach (var (name, recorded) in models)
        {
            body = recorded;
            var model = await rig.Client.GetModelAsync("o", "n", Cancel);
            var json = JsonElement.Parse(body);
            Assert.Equal(json.GetProperty("owner").GetString(), model.Owner);
            Assert.Equal(json.GetProperty("run_count").GetInt64(), model.RunCount);
            Assert.Equal(json.GetProperty("latest_version").ValueKind == JsonValueKind.Object, model.LatestVersion is not null);
            if (model.LatestVersion is { } version)
                Assert.Equal(JsonValueKind.Object, version.OpenApiSchema!.Value.GetProperty("components").GetProperty("schemas").ValueKind);
            if (json.GetProperty("default_example") is { ValueKind: JsonValueKind.Object } example)
                AssertSame(example, model.DefaultExample!, name);
        }

        Assert.Equal(44, models.Count);
    }

    [Fact]
    public async Task Recorded_versions_and_hardware_are_read()
    {
        foreach (var recording in SharedFiles.Recordings().Where(
            r => r.Method == "GET" && r.Uri.AbsolutePath.Contains("/versions/", StringComparison.Ordinal)))
        {
            await using var server = await recording.ReplayAsync();
            await using var rig = new ReplicateRig(server.BaseUrl);
            var version = await rig.Client.GetVersionAsync("stability-ai", "sdxl", new string('a', 64), Cancel);
            Assert.Matches("^[0-9a-f]{64}$", version.Id);
            Assert.NotNull(version.CreatedAt);
        }

        var hardware = SharedFiles.Recordings().Single(r => r.Uri.AbsolutePath.EndsWith("/hardware", StringComparison.Ordinal));
        await using var other = await hardware.ReplayAsync();
        await using var otherRig = new ReplicateRig(other.BaseUrl);
        Assert.Contains(await otherRig.Client.ListHardwareAsync(Cancel), row => row is { Sku: "gpu-t4", Name: "Nvidia T4 GPU" });
    }

    [Fact]
    public async Task Recorded_refusals_get_their_kind()
    {
        var refusals = SharedFiles.Recordings().Where(r => r.Status >= 400).ToDictionary(r => r.Status);
        await using var unauthenticated = await refusals[401].ReplayAsync();
        await using var rig = new ReplicateRig(unauthenticated.BaseUrl);
        Assert.Equal(
            ErrorKind.UpstreamUnauthorized, (await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel))).Kind);

        await using var notFound = await refusals[404].ReplayAsync();
        await using var otherRig = new ReplicateRig(notFound.BaseUrl);
        Assert.Equal(ErrorKind.UnknownModel, (await ReplicateRig.FailsAsync(otherRig.Client.GetModelAsync("o", "n", Cancel))).Kind);
    }

    private static void AssertSame(JsonElement json, Prediction prediction, string name)
    {
        Assert.Equal(json.GetProperty("id").GetString(), prediction.Id);
        Assert.Equal(json.GetProperty("status").GetString(), prediction.Status.ToString(), ignoreCase: true);
        Assert.Equal(Text(json, "version"), prediction.Version);
        Assert.Equal(Text(json, "logs") is { } logs ? UpstreamBounds.Tail(logs, UpstreamBounds.LogCharacters) : null, prediction.Logs);
        Assert.Equal(Text(json, "error") is "" ? null : Text(json, "error"), prediction.Error);
        AssertTime(json, "created_at", prediction.CreatedAt);
        AssertTime(json, "started_at", prediction.StartedAt);
        AssertTime(json, "completed_at", prediction.CompletedAt);
        var metrics = json.TryGetProperty("metrics", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        double? seconds = metrics.ValueKind == JsonValueKind.Object && metrics.TryGetProperty("predict_time", out var time)
            ? time.GetDouble()
            : null;
        Assert.Equal(seconds < 0 ? null : seconds, prediction.PredictSeconds);
        if (json.TryGetProperty("output", out var output) && output.GetRawText() is var raw
            && raw.Contains("replicate.delivery", StringComparison.Ordinal))
            Assert.True(PredictionOutput.Collect(prediction.Output).Count > 0, name);
        if (IsData(json))
            Assert.StartsWith("data:image/png;base64,", PredictionOutput.Collect(prediction.Output)[0], StringComparison.Ordinal);

        static bool IsData(JsonElement json) =>
            json.TryGetProperty("output", out var output) && output.ValueKind == JsonValueKind.Array && output.GetArrayLength() > 0
            && output[0].ValueKind == JsonValueKind.String && output[0].GetString()!.StartsWith("data:", StringComparison.Ordinal);
    }

    private static string IdOf(string body) => JsonElement.Parse(body).GetProperty("id").GetString()!;

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member.GetString() : null;

    private static void AssertTime(JsonElement json, string name, DateTimeOffset? time)
    {
        if (Text(json, name) is not { } text)
            Assert.Null(time);
        else
            Assert.Equal(text[..19], time?.ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
    }
}
