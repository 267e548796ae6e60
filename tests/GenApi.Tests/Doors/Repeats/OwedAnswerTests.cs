using GenApi.Core.Blobs;
using GenApi.Core.Generations.Waiting;
using GenApi.Tests.Blobs;
using GenApi.Tests.Doors.Automatic1111;
using GenApi.Tests.Doors.OpenAi;
using GenApi.Tests.Generations;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Doors.Repeats;

/// <summary>
/// Tests answers of doors that were written while a run went on: their callers are owed its image, and a repeat gets it.
/// </summary>
public sealed class OwedAnswerTests
{
    [Theory]
    [InlineData(ImagesDoor.Path, """{"model":"sdxl","prompt":"a fox","size":"64x64"}""", 1)]
    [InlineData(ImagesDoor.Path, """{"model":"sdxl","prompt":"a fox","size":"64x64","n":2}""", 2)]
    [InlineData(ImagesDoor.Path, """{"model":"sdxl","prompt":"a fox","size":"64x64","stream":true}""", 1)]
    [InlineData(WebUi.Text, """{"prompt":"a fox","width":64,"height":64}""", 1)]
    [InlineData(WebUi.Text, """{"prompt":"a fox","width":64,"height":64,"batch_size":2}""", 2)]
    public async Task Above_the_limit_of_listeners_a_call_is_not_waited_for_and_its_repeat_gets_the_same_runs(
        string path, string body, int images)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:MaxListeners"] = "1" });
        Answer refused;
        using (app.Services.GetRequiredService<ListenerLimit>().TryAcquire())
            refused = await app.PostAsync(path, body);
        await app.UntilUnansweredAsync();

        // The limit is one, and that is enough: an HTTP request counts once, however many images it asks for.
        var again = await app.PostAsync(path, body);

        Assert.Equal(body.Contains("stream", StringComparison.Ordinal) ? 200 : 400, refused.Status);
        Assert.Contains("\"overloaded\"", refused.Text, StringComparison.Ordinal);
        Assert.Contains("\"gen_", refused.Text, StringComparison.Ordinal);
        Assert.True(again.Status == 200, again.Text[..Math.Min(again.Text.Length, 2_000)]);
        Assert.DoesNotContain("overloaded", again.Text, StringComparison.Ordinal);
        Assert.Equal(images, app.Sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData(ImagesDoor.Path, """{"model":"sdxl","prompt":"a fox","size":"64x64","n":2,"seed":SEED}""")]
    [InlineData(WebUi.Text, """{"prompt":"a fox","width":64,"height":64,"batch_size":2,"seed":SEED}""")]
    public async Task An_answer_with_one_image_while_the_run_of_another_goes_on_is_owed_that_one(string path, string body)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:MaxListeners"] = "1" });
        await app.PostAsync(path, body.Replace("SEED", "40", StringComparison.Ordinal));

        // The image with the seed 41 is there, that with 42 is not.
        Answer partial;
        using (app.Services.GetRequiredService<ListenerLimit>().TryAcquire())
            partial = await app.PostAsync(path, body.Replace("SEED", "41", StringComparison.Ordinal));

        Assert.True(partial.Status == 200, partial.Text[..Math.Min(partial.Text.Length, 2_000)]);
        Assert.Contains("Too many callers wait for generations", partial.Text, StringComparison.Ordinal);
        await app.UntilUnansweredAsync();
    }

    [Fact]
    public async Task A_stream_that_ends_because_the_disk_is_full_is_owed_the_image()
    {
        var files = new FailingFiles();
        await using var app = await GenApiApp.StartAsync(services: services => services.AddSingleton<DurableFiles>(files));
        var body = new { model = "sdxl", prompt = "a fox", size = "64x64", stream = true };
        // 28: ENOSPC.
        files.Fail("write", new IOException("It failed.", 28), lasts: true);

        var full = await app.ImagesAsync(body);
        await app.UntilUnansweredAsync();
        files.Heal();
        await Requests.EndedAsync(app, full.Generations()[0]);
        var again = await app.ImagesAsync(body);

        Assert.Contains("event: error", full.Text, StringComparison.Ordinal);
        Assert.Contains("\"storage_full\"", full.Text, StringComparison.Ordinal);
        Assert.Contains("event: image_generation.completed", again.Text, StringComparison.Ordinal);
        Assert.Equal(full.Generations(), again.Generations());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }
}
