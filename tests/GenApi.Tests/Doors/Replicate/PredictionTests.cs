using System.Text.Json;
using GenApi.Sandbox.Control;
using static GenApi.Tests.Doors.Replicate.ReplicateCalls;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>Creating, reading and canceling predictions on the Replicate door.</summary>
public sealed class PredictionTests(PredictionTests.House house) : IClassFixture<PredictionTests.House>
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private GenApiApp App => house.App;

    [Theory]
    [InlineData(Predictions, Sdxl, Sdxl)]
    [InlineData(Predictions, "stability-ai/sdxl:" + Sdxl, Sdxl)]
    [InlineData(Predictions, "stability-ai/sdxl", Sdxl)]
    [InlineData(Predictions, "sdxl", Sdxl)]
    [InlineData(Predictions, "black-forest-labs/flux-schnell", "hidden")]
    [InlineData(Root + "/models/stability-ai/sdxl/predictions", null, Sdxl)]
    [InlineData(Root + "/models/black-forest-labs/flux-schnell/predictions", null, "hidden")]
    public async Task A_prediction_is_created_by_every_name_of_its_model(string path, string? version, string shown)
    {
        object input = new { prompt = "a red fox", seed = 7 };
        var made = await App.PostAsync(path, version is null ? new { input } : new { version, input }, Wait);

        Assert.True(made.Status == 201, made.Text);
        Assert.Equal(("succeeded", shown), (made.State, made["version"].Text()));
        Assert.Equal("wait", made.Header("Preference-Applied"));
        Assert.Matches("^[0-9a-z]{26}$", made.Id);
        Assert.Equal("a red fox", made["input", "prompt"].Text());
    }

    [Fact]
    public async Task A_prediction_has_Replicates_members_and_its_addresses_begin_as_the_caller_came()
    {
        var made = await App.PredictAsync(11, Wait);
        var read = await App.GetAsync(App.PathOf(made.Url("get")));

        Assert.Equal((200, made.Id), (read.Status, read.Id));
        Assert.Equal(
            ["id", "model", "version", "input", "logs", "output", "data_removed", "error", "status", "source", "created_at", "started_at",
                "completed_at", "metrics", "urls"],
            read.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal($"{App.Address}replicate/v1/predictions/{made.Id}", read.Url("get"));
        Assert.Equal($"{read.Url("get")}/cancel", read.Url("cancel"));
        Assert.Equal($"{App.Address}generations/gen_{made.Id}", read.Url("web"));
        Assert.Equal($"{App.Address}v1/files/{made.Id}", read.Url("stream"));
        Assert.Equal(JsonValueKind.Null, read["error"].ValueKind);
        Assert.False(read["data_removed"].GetBoolean());
        Assert.Contains("Using seed: 11", read["logs"].Text(), StringComparison.Ordinal);
        Assert.True(read["metrics", "predict_time"].GetDouble() >= 0);
        Assert.Equal(1, read["metrics", "image_count"].GetInt32());
        // The id of the generation is taken too.
        Assert.Equal(made.Id, (await App.PredictionAsync($"gen_{made.Id}")).Id);
    }

    [Fact]
    public async Task The_output_has_the_shape_that_the_model_gave_it()
    {
        var list = (await App.RunAsync("stability-ai/sdxl", Fox(21)))["output"];
        Assert.Equal(JsonValueKind.Array, list.ValueKind);
        Assert.Equal("image/png", (await App.GetAsync(App.PathOf(list[0].Text()))).Header("Content-Type"));

        var one = (await App.RunAsync("recraft-ai/recraft-v3", new { prompt = "a red fox" }))["output"];
        Assert.Equal(JsonValueKind.String, one.ValueKind);
        Assert.StartsWith("image/", (await App.GetAsync(App.PathOf(one.Text()))).Header("Content-Type"), StringComparison.Ordinal);

        var several = (await App.RunAsync("sandbox/clip", new { prompt = "a fox", seed = 1 }))["output"];
        Assert.Equal(["image", "video"], several.EnumerateObject().Select(member => member.Name));
        Assert.Contains("/files/fil_", several.GetProperty("video").Text(), StringComparison.Ordinal);

        var video = (await App.RunAsync("sandbox/video", new { prompt = "a fox", seed = 1 }))["output"];
        Assert.Equal("video/mp4", (await App.GetAsync(App.PathOf(video.Text()))).Header("Content-Type"));

        var words = (await App.RunAsync("sandbox/words", new { prompt = "a fox", seed = 1 }))["output"];
        Assert.Equal(["A ", "lighthouse ", "above a quiet sea"], words.EnumerateArray().Select(word => word.Text()));
    }

    [Fact]
    public async Task Until_the_output_is_there_the_status_is_starting_and_the_answer_to_a_wait_is_202()
    {
        var held = App.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await App.PredictAsync(31);
        await held.Reached.WaitAsync(Ended);
        var waited = await App.PredictAsync(31, ("Prefer", "wait=1"));
        var read = await App.PredictionAsync(made.Id);
        held.Release();

        Assert.Equal((201, "starting", null), (made.Status, made.State, made.Header("Preference-Applied")));
        Assert.Equal((202, "starting", "wait=1"), (waited.Status, waited.State, waited.Header("Preference-Applied")));
        Assert.Equal(made.Id, waited.Id);
        Assert.Equal(JsonValueKind.Null, read["output"].ValueKind);
        Assert.Equal("starting", read.State);
    }

    [Fact]
    public async Task A_run_that_fails_is_a_failed_prediction_and_no_failed_request()
    {
        App.Sandbox.Faults.Add(FaultKind.RunFails);
        var made = await App.PredictAsync(41, Wait);

        Assert.Equal((201, "failed"), (made.Status, made.State));
        Assert.NotEmpty(made["error"].Text());
        Assert.Equal(JsonValueKind.Null, made["output"].ValueKind);
    }

    [Fact]
    public async Task A_cancel_ends_a_prediction_and_leaves_an_ended_one_as_it_is()
    {
        var held = App.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await App.PredictAsync(51);
        await held.Reached.WaitAsync(Ended);
        var canceling = await App.PostAsync(App.PathOf(made.Url("cancel")));
        Assert.Equal((200, made.Id, "canceled"), (canceling.Status, canceling.Id, canceling.State));
        // Clients poll once more, and must not begin to wait.
        Assert.Equal("canceled", (await App.PredictionAsync(made.Id)).State);
        var ended = await App.PredictAsync(52, Wait);
        await App.GetAsync($"/generations/gen_{made.Id}", ("Prefer", "wait=20"));

        Assert.Equal("canceled", (await App.PredictionAsync(made.Id)).State);
        var late = await App.PostAsync($"{Predictions}/{ended.Id}/cancel");
        Assert.Equal((200, "succeeded"), (late.Status, late.State));
    }

    [Fact]
    public async Task A_model_may_use_its_own_default_prompt_as_at_Replicate()
    {
        var made = await App.PostAsync(Predictions, new { version = Sdxl, input = new { width = 64, height = 64, seed = 61 } }, Wait);

        Assert.Equal((201, "succeeded"), (made.Status, made.State));
    }

    [Fact]
    public async Task One_picture_may_be_asked_of_a_model_that_always_makes_one()
    {
        var one = await App.RunAsync("recraft-ai/recraft-v3", new { prompt = "a red fox", num_outputs = 1 });
        var two = await App.PostAsync(
            $"{Root}/models/recraft-ai/recraft-v3/predictions", new { input = new { prompt = "a red fox", num_outputs = 2 } });

        Assert.False(one["input"].TryGetProperty("num_outputs", out _));
        Assert.Equal((422, "input.num_outputs"), (two.Status, two["invalid_fields"][0].GetProperty("field").Text()));
    }

    [Fact]
    public async Task An_output_may_be_the_input_of_the_next_prediction()
    {
        var first = await App.PredictAsync(71, Wait);
        var image = first["output"][0].Text();
        var input = new { prompt = "the same at night", image, width = 64, height = 64, seed = 72 };
        var next = await App.PostAsync(Predictions, new { version = Sdxl, input }, Wait);

        Assert.True(next.Status == 201, next.Text);
        Assert.Equal("succeeded", next.State);
        Assert.StartsWith("img_", next["input", "image"].Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stored_answer_costs_nothing_and_says_so()
    {
        var first = await App.PredictAsync(81, Wait);
        var creations = App.Sandbox.Stats.Creations;
        var second = await App.PredictAsync(81);

        Assert.Equal((201, first.Id, "succeeded"), (second.Status, second.Id, second.State));
        Assert.Equal("GenApi; hit", second.Header("Cache-Status"));
        Assert.Equal(creations, App.Sandbox.Stats.Creations);
    }

    public sealed class House : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync() => App = await GenApiApp.StartAsync();

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
