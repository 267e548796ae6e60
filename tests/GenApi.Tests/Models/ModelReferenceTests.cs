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

    [Theory]
    [InlineData("https://replicate.com/stability-ai/sdxl", null)]
    [InlineData("https://replicate.com/stability-ai/sdxl/", null)]
    [InlineData(" https://replicate.com/stability-ai/sdxl ", null)]
    [InlineData("HTTPS://WWW.Replicate.com/Stability-AI/SDXL", null)]
    [InlineData("http:/replicate.com/stability-ai/sdxl", null)]
    [InlineData("replicate.com/stability-ai/sdxl", null)]
    [InlineData("https://replicate.com/stability-ai/sdxl?prediction=s0na0yaha3hgnmjz25k85yv7t2", null)]
    [InlineData("https://replicate.com/stability-ai/sdxl#readme", null)]
    [InlineData("https://replicate.com/stability-ai/sdxl/api/schema", null)]
    [InlineData("https://replicate.com/stability-ai/sdxl/versions", null)]
    [InlineData("https://replicate.com/stability-ai/sdxl/versions/" + Version, Version)]
    [InlineData("https://replicate.com/stability-ai/sdxl/versions/" + Version + "/api", Version)]
    [InlineData("https://replicate.com/stability-ai/sdxl:" + Version, Version)]
    [InlineData("https://api.replicate.com/v1/models/stability-ai/sdxl/versions/" + Version, Version)]
    [InlineData("r8.im/stability-ai/sdxl@sha256:" + Version, Version)]
    [InlineData("stability-ai/sdxl/versions/" + Version, Version)]
    [InlineData("stability-ai/sdxl@" + Version, Version)]
    [InlineData("Stability-AI/SDXL", null)]
    [InlineData("stability-ai/sdxl/", null)]
    public void The_address_of_a_models_page_is_the_model(string text, string? version) =>
        Assert.Equal(new ModelReference("stability-ai", "sdxl", version), ModelReference.Parse(text));

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
    [InlineData("sdxl/")]
    [InlineData("stability-ai/sdxl//")]
    [InlineData("https://replicate.com")]
    [InlineData("https://replicate.com/sdxl")]
    [InlineData("https://replicate.com/p/s0na0yaha3hgnmjz25k85yv7t2")]
    [InlineData("https://replicate.com/collections/text-to-image")]
    [InlineData("https://replicate.com/deployments/acme/shop")]
    [InlineData("https://replicate.com/stability-ai/sdxl/nothing")]
    [InlineData("https://replicate.com/stability-ai/sdxl/versions/latest")]
    [InlineData("https://api.replicate.com/v1/predictions/s0na0yaha3hgnmjz25k85yv7t2")]
    [InlineData("https://replicate.com.evil.example/stability-ai/sdxl")]
    [InlineData("https://huggingface.co/stabilityai/sdxl")]
    [InlineData("stability-ai/sdxl:" + Version + "/versions/" + Version)]
    public void Anything_else_is_refused_with_what_is_allowed(string text)
    {
        var refusal = Assert.Throws<GenApiException>(() => ModelReference.Parse(text));
        Assert.Equal(ErrorKind.InvalidRequest, refusal.Kind);
        Assert.Contains("owner/name", Assert.Single(refusal.Errors["$.model"]), StringComparison.Ordinal);
    }
}
