using GenApi.Core.Errors;
using GenApi.Core.Models;

namespace GenApi.Tests.Models;

public sealed class ModelReferenceTests
{
    private const string Version = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";

    [Theory]
    [InlineData("sdxl", null, "sdxl", null)]
    [InlineData("flux-1.1-pro", null, "flux-1.1-pro", null)]
    [InlineData("stability-ai/sdxl", "stability-ai", "sdxl", null)]
    [InlineData("stability-ai/sdxl:" + Version, "stability-ai", "sdxl", Version)]
    public void All_three_forms_are_read_and_written_back(string text, string? owner, string name, string? version)
    {
        var reference = ModelReference.Parse(text);
        Assert.Equal(new ModelReference(owner, name, version), reference);
        Assert.Equal(text, reference.ToString());
    }

    [Fact]
    public void A_version_in_upper_case_is_the_same_version() =>
        Assert.Equal(Version, ModelReference.Parse("stability-ai/sdxl:" + Version.ToUpperInvariant()).Version);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("sd xl")]
    [InlineData("a/b/c")]
    [InlineData("/sdxl")]
    [InlineData("stability-ai/")]
    [InlineData("../sdxl")]
    [InlineData("stability-ai/..")]
    [InlineData("stability-ai/%2e%2e")]
    [InlineData("stability-ai/sdxl:latest")]
    [InlineData("stability-ai/sdxl:7762")]
    [InlineData("stability-ai/sdxl:" + Version + "0")]
    [InlineData("sdxl:" + Version)]
    [InlineData("https://replicate.com/stability-ai/sdxl")]
    public void Anything_else_is_refused_with_what_is_allowed(string text)
    {
        var refusal = Assert.Throws<GenApiException>(() => ModelReference.Parse(text));
        Assert.Equal(ErrorKind.InvalidRequest, refusal.Kind);
        Assert.Contains("owner/name", Assert.Single(refusal.Errors["$.model"]), StringComparison.Ordinal);
    }
}
