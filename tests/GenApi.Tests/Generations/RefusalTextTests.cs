using GenApi.Core.Errors;
using GenApi.Core.Generations.Execution;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Generations;

/// <summary>Tests that a refusal differs from a fault of the model. The name of a filter alone shows neither.</summary>
public sealed class RefusalTextTests
{
    public static TheoryData<string> Refusals =>
    [
        "NSFW content detected. Try running it again, or try a different prompt.",
        "All generated images contained NSFW content. Try running it again with a different prompt.",
        "Potential NSFW content was detected in one or more images. A black image will be returned instead.",
        "The input or output was flagged as sensitive. Please try again with different inputs. (E005) (9ynkx2Qz4t)",
        "Something else altogether (E005)",
        "Prompt contains NSFW words",
        "The prompt was flagged for inappropriate content",
        "Your request was rejected as a result of our safety system.",
        "Error: content_policy_violation",
        "moderation_blocked",
        "Request Moderated",
        "Content Moderated.",
        "The request was blocked by our moderation system",
        "This prompt violates our content policy",
        "Prompt was rejected by content moderation",
        "Image blocked by the safety filter",
        "Output did not pass the safety check",
        "The generated image violates the usage guidelines",
        "Safety filter triggered",
        "Unsafe content detected",
        "The input image contains sensitive content",
    ];

    public static TheoryData<string> Faults =>
    [
        "Error loading safety checker weights",
        "Failed to load safety checker: No such file or directory",
        "predict() got an unexpected keyword argument 'moderation'",
        "__init__() got an unexpected keyword argument named moderation",
        "No module named 'nsfw_detector'",
        "FileNotFoundError: /weights/nsfw_model.pt",
        "'NoneType' object has no attribute 'safety_checker'",
        "CUDA out of memory in the safety checker",
        "The moderation service timed out",
        "moderation endpoint returned status 503",
        "The request was refused by the content moderation service: connection reset",
        "The safety system is unavailable",
        "Could not initialise the safety filter",
        "NSFW detector crashed",
        "safety_checker must be true or false",
        "content policy could not be reached",
        "Weights of the NSFW filter not found",
        "E0051",
        "Prediction interrupted; please retry (code: PA)",
        "unexpected keyword argument named moderation",
    ];

    [Theory, MemberData(nameof(Refusals))]
    public void A_text_that_says_what_was_found_or_broken_is_a_refusal(string text) =>
        Assert.Equal((ErrorKind.ContentRefused, $"The model refused the content: {text}"), UpstreamVerdict.Of(text, null));

    [Theory, MemberData(nameof(Faults))]
    public void A_text_that_only_names_a_filter_is_a_fault_of_the_model(string text) =>
        Assert.Equal((ErrorKind.UpstreamFailed, $"The model failed: {text}"), UpstreamVerdict.Of(text, null));

    [Theory]
    [InlineData("Error loading safety checker weights", 502, "upstream_failed")]
    [InlineData("predict() got an unexpected keyword argument named moderation", 502, "upstream_failed")]
    [InlineData("The input or output was flagged as sensitive. Please try again with different inputs. (E005) (x)", 422, "content_refused")]
    public async Task The_caller_gets_what_the_text_means(string text, int status, string code)
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Text = text });

        var answer = await app.GenerateAsync(Requests.Small(1));

        Assert.Equal((status, code), (answer.Status, answer.Code));
    }
}
