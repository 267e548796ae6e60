namespace GenApi.Tests.Models;

/// <summary>The answers to a caller who gives a model a name that it does not have.</summary>
public sealed class MissingNameTests
{
    [Fact]
    public async Task A_common_name_that_a_model_lacks_is_answered_with_what_it_takes_and_an_alias_that_takes_this_one()
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync(new { prompt = "a fox", model = "flux-schnell", negative_prompt = "blurry", guidance = 3 });

        Hosting.BadInputTests.AssertProblem(answer, 422, "invalid_input");
        foreach (var common in (string[])["negative_prompt", "guidance"])
        {
            var sentence = answer["errors", $"$.{common}"][0].GetString()!;
            Assert.StartsWith("black-forest-labs/flux-schnell has no input for it. It takes: prompt, ", sentence, StringComparison.Ordinal);
            Assert.Contains("The alias 'sdxl' takes it.", sentence, StringComparison.Ordinal);
            Assert.Contains("for $.input: prompt, aspect_ratio", sentence, StringComparison.Ordinal);
        }
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
        // And that alias accepts it.
        var other = new { prompt = "a fox", model = "sdxl", negative_prompt = "blurry", guidance = 3, seed = 1, width = 64, height = 64 };
        Assert.Equal(200, (await app.GenerateAsync(other)).Status);
    }

    [Fact]
    public async Task An_input_of_its_own_that_may_do_is_named()
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync(new { prompt = "a fox", model = "google/imagen-4", width = 512, height = 512, steps = 3 });
        var sized = await app.GenerateAsync(new { prompt = "a fox", model = "recraft-ai/recraft-v3", aspect_ratio = "1:1" });

        Assert.Contains("google/imagen-4 has no input for it.", answer["errors", "$.steps"][0].GetString(), StringComparison.Ordinal);
        const string own = "Its own inputs that may do, in $.input: 'size'.";
        Assert.Contains(own, sized["errors", "$.aspect_ratio"][0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_upstream_the_refusal_comes_all_the_same()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GetAsync("/models/flux-schnell");
        await app.Sandbox.DisposeAsync();

        for (var round = 0; round < 2; round++)
        {
            var answer = await app.GenerateAsync(new { prompt = "a fox", model = "flux-schnell", negative_prompt = "blurry" });

            Hosting.BadInputTests.AssertProblem(answer, 422, "invalid_input");
            Assert.DoesNotContain("The alias", answer.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sdxl", "scheduller", "Did you mean 'scheduler'?")]
    [InlineData("sdxl", "numInferenceSteps", "Did you mean 'num_inference_steps'?")]
    [InlineData("sdxl", "steps", "Did you mean 'num_inference_steps'?")]
    [InlineData("sdxl", "guidance", "Did you mean 'guidance_scale'?")]
    [InlineData("sdxl", "cfg", "Did you mean 'guidance_scale'?")]
    [InlineData("sdxl", "guidence", "Did you mean 'guidance_scale'?")]
    [InlineData("sdxl", "n", "Did you mean 'num_outputs'?")]
    [InlineData("flux-schnell", "width", "Next to 'input', not in it, the common name 'width' sets 'aspect_ratio' and 'megapixels'.")]
    [InlineData("sdxl", "zzzzzz", "is not an input of this model. It takes: ")]
    public async Task A_name_in_input_that_a_model_lacks_is_answered_with_the_one_that_was_meant(string model, string name, string words)
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync($$$"""{"prompt":"a fox","model":"{{{model}}}","input":{"{{{name}}}":1}}""");

        Hosting.BadInputTests.AssertProblem(answer, 422, "invalid_input");
        Assert.Contains(words, answer["errors", $"$.input.{name}"][0].GetString(), StringComparison.Ordinal);
        Assert.Contains("It takes: prompt, ", answer["errors", $"$.input.{name}"][0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_id_of_something_else_in_the_models_own_input_says_what_it_is()
    {
        await using var app = await GenApiApp.StartAsync();

        var input = new { image = "gen_01knf4sgd2e4y8c25mgcv9w4c1" };
        var answer = await app.GenerateAsync(new { prompt = "a fox", model = "sdxl", input });

        Assert.EndsWith("; this is the id of a generation", answer["errors", "$.input.image"][0].GetString(), StringComparison.Ordinal);
    }
}
