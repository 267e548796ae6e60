using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Doors.OpenAi;

/// <summary>Tests failures: OpenAI's error object, and a status that no client repeats once something was created.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData(FaultKind.RunFails, "invalid_request_error", "server_error", "upstream_failed")]
    [InlineData(FaultKind.RunRefused, "image_generation_user_error", "image_generation_user_error", "content_refused")]
    [InlineData(FaultKind.RunEmpty, "invalid_request_error", "server_error", "upstream_no_output")]
    public async Task A_run_that_failed_is_400_and_must_not_be_repeated(FaultKind fault, string type, string otherType, string code)
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(fault);

        var failed = await app.PostAsync(ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", size = "64x64" });

        Assert.Equal(400, failed.Status);
        Assert.Equal("false", failed.Header("x-should-retry"));
        Assert.Equal(code, failed["error", "code"].GetString());
        Assert.Contains(failed["error", "type"].GetString(), (string[])[type, otherType]);
        Assert.StartsWith("gen_", failed["error", "generation_id"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_canceled_run_is_400()
    {
        await using var app = await GenApiApp.StartAsync();
        var stuck = app.Sandbox.Faults.Add(FaultKind.RunStuck);
        var call = app.PostAsync(ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", size = "64x64" });
        await stuck.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var id = (await app.GetAsync("/generations"))["data"][0].GetProperty("id").GetString();

        await app.PostAsync($"/generations/{id}/cancel");
        var canceled = await call;

        Assert.Equal((400, "false"), (canceled.Status, canceled.Header("x-should-retry")));
        Assert.Equal("conflict", canceled["error", "code"].GetString());
    }

    [Fact]
    public async Task Refusals_before_anything_was_created_keep_their_status()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("reader", "read");
        var body = new { model = "sdxl", prompt = "a fox", size = "64x64" };

        (await app.PostAsync(ImagesDoor.Path, body)).AssertError(401, "authentication_error", "unauthenticated", null);
        (await app.PostAsync(ImagesDoor.Path, body, Keys.Of(secret))).AssertError(403, "permission_error", "forbidden", null);
        (await app.PostAsync(ImagesDoor.Path, "{", Keys.AsAdmin)).AssertError(400, "invalid_request_error", "malformed_json", null);
        (await app.PostAsync(ImagesDoor.Path, "[]", Keys.AsAdmin)).AssertError(400, "invalid_request_error", "invalid_request", null);
        (await app.PostAsync(ImagesDoor.Path, new { model = "no-such-model", prompt = "a fox" }, Keys.AsAdmin))
            .AssertError(404, "invalid_request_error", "unknown_model", "model");
        (await app.GetAsync("/v1/nothing", Keys.AsAdmin)).AssertError(404, "invalid_request_error", "not_found", null);
        (await app.GetAsync(ImagesDoor.Path, Keys.AsAdmin)).AssertError(405, "invalid_request_error", "method_not_allowed", null);
    }

    [Fact]
    public async Task A_model_that_is_known_to_make_no_images_is_refused_before_anything_is_paid()
    {
        await using var app = await GenApiApp.StartAsync();

        var refused = await app.PostAsync(ImagesDoor.Path, new { model = "replicate/hello-world", prompt = "a fox" });

        refused.AssertError(400, "invalid_request_error", "invalid_input", "model");
        Assert.Contains("makes no images", refused["error", "message"].GetString(), StringComparison.Ordinal);
        Assert.Equal(0, app.Sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData("sandbox/words", "it made no file")]
    [InlineData("sandbox/video", "it made video/mp4")]
    public async Task A_model_that_turns_out_to_make_no_images_is_told_in_a_sentence(string model, string made)
    {
        await using var app = await GenApiApp.StartAsync();

        var failed = await app.PostAsync(ImagesDoor.Path, new { model, prompt = "a fox" });

        Assert.Equal((400, "false"), (failed.Status, failed.Header("x-should-retry")));
        Assert.Equal("upstream_no_output", failed["error", "code"].GetString());
        Assert.Contains(made, failed["error", "message"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_members_that_are_wrong_stand_in_the_message()
    {
        await using var app = await GenApiApp.StartAsync();

        var refused = await app.PostAsync(ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", cfg = 99, num_inference_steps = 0 });

        var message = refused["error", "message"].GetString();
        Assert.Contains("cfg: ", message, StringComparison.Ordinal);
        Assert.Contains("num_inference_steps: ", message, StringComparison.Ordinal);
    }
}
