using GenApi.Core.Errors;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Settings;
using GenApi.Core.Replicate;
using GenApi.Tests.Replicate;

namespace GenApi.Tests.Models;

public sealed class ModelCatalogueTests
{
    private const string Sdxl = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";
    private const string NoVersion = "0000000000000000000000000000000000000000000000000000000000000000";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_alias_resolves_at_the_upstream()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        foreach (var alias in new ModelOptions().Aliases.Keys)
        {
            var model = await house.Catalogue.ResolveAsync(alias, Ct);
            Assert.Equal(alias, model.Alias);
            Assert.True(model.Input.IsKnown);
            Assert.Equal(model.Owner is "black-forest-labs" || alias is "sd-3.5-large", model.Version is null);
        }
    }

    [Fact]
    public async Task No_reference_means_the_default_and_case_does_not_matter_to_an_alias()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        var model = await house.Catalogue.ResolveAsync(null, Ct);
        Assert.Equal(("stability-ai/sdxl", Sdxl, "sdxl"), (model.Reference, model.Version, model.Alias));
        Assert.Same(model, await house.Catalogue.ResolveAsync("SDXL", Ct));
        Assert.True(model.Input.TakesSeed);
    }

    [Fact]
    public async Task A_community_model_without_a_version_gets_its_latest_and_an_official_one_gets_none()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        Assert.Equal(Sdxl, (await house.Catalogue.ResolveAsync("stability-ai/sdxl", Ct)).Version);
        var official = await house.Catalogue.ResolveAsync("black-forest-labs/flux-schnell", Ct);
        Assert.Null(official.Version);
        Assert.Null(official.Alias);
        Assert.True(official.Input.Has("megapixels"));
        Assert.Equal("stability-ai/sdxl", (await house.Catalogue.ResolveAsync("Stability-AI/SDXL", Ct)).Reference);
    }

    [Fact]
    public async Task A_known_model_is_answered_on_the_spot()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        await house.Catalogue.ResolveAsync("sdxl", Ct);
        await house.Catalogue.ResolveAsync("sandbox/slow", Ct);
        foreach (var reference in new[] { "sdxl", "sandbox/slow", $"stability-ai/sdxl:{Sdxl}" })
        {
            var answer = house.Catalogue.ResolveAsync(reference, Ct);
            Assert.True(answer.IsCompletedSuccessfully);
            await answer;
        }
        Assert.Equal(2, house.Requests);
    }

    [Fact]
    public async Task A_hundred_callers_ask_once()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        var models = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => house.Catalogue.ResolveAsync("sandbox/slow", Ct).AsTask()));
        Assert.Single(models.Distinct());
        Assert.Equal(1, house.Requests);
    }

    [Fact]
    public async Task One_who_goes_away_does_not_take_the_question_from_the_others()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        using var impatient = new CancellationTokenSource();
        var gone = house.Catalogue.ResolveAsync("sandbox/slow", impatient.Token).AsTask();
        var stayed = house.Catalogue.ResolveAsync("sandbox/slow", Ct).AsTask();
        await impatient.CancelAsync();
        var model = await stayed;
        Assert.Same(model, await house.Catalogue.ResolveAsync("sandbox/slow", Ct));
        Assert.Equal(1, house.Requests);
        // Or it was answered just before it was gone.
        Assert.True(await Record.ExceptionAsync(() => gone) is null or OperationCanceledException);
    }

    [Fact]
    public async Task After_a_restart_a_known_model_needs_no_upstream()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        var before = await house.Catalogue.ResolveAsync("sdxl", Ct);
        await house.Catalogue.ResolveAsync("flux-schnell", Ct);
        await house.StopUpstreamAsync();
        await house.RestartAsync();
        house.Time.Advance(TimeSpan.FromDays(30));
        var after = await house.Catalogue.ResolveAsync("sdxl", Ct);
        Assert.Equal(before.Version, after.Version);
        Assert.Equal(before.Input.Properties.Select(input => input.Name), after.Input.Properties.Select(input => input.Name));
        Assert.Null((await house.Catalogue.ResolveAsync("flux-schnell", Ct)).Version);
    }

    [Fact]
    public async Task What_the_sandbox_knows_does_not_answer_for_replicate()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        await house.Catalogue.ResolveAsync("sandbox/slow", Ct);
        await house.RestartAsync(ReplicateUpstream.ReplicateName);
        await house.StopUpstreamAsync();
        var failure = await Assert.ThrowsAsync<GenApiException>(async () => await house.Catalogue.ResolveAsync("sandbox/slow", Ct));
        Assert.Equal(ErrorKind.UpstreamUnavailable, failure.Kind);
    }

    [Fact]
    public async Task An_unknown_model_while_the_upstream_is_down_is_not_called_unknown()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        await house.StopUpstreamAsync();
        var failure = await Assert.ThrowsAsync<GenApiException>(async () => await house.Catalogue.ResolveAsync("sdxl", Ct));
        Assert.Equal(ErrorKind.UpstreamUnavailable, failure.Kind);
    }

    [Theory]
    [InlineData("sdxll", "sdxl")]
    [InlineData("stability-ai/sdxll", "sdxl")]
    [InlineData("black-forest-labs/flux-shnell", "flux-schnell")]
    [InlineData("stability-ai/sdxl:" + NoVersion, "sdxl")]
    public async Task An_unknown_model_or_version_is_told_with_the_nearest_aliases(string reference, string nearest)
    {
        await using var house = await CatalogueHouse.OpenAsync();
        var failure = await Assert.ThrowsAsync<GenApiException>(async () => await house.Catalogue.ResolveAsync(reference, Ct));
        Assert.Equal(ErrorKind.UnknownModel, failure.Kind);
        Assert.Contains($"The nearest aliases: {nearest}, ", Assert.Single(failure.Errors["$.model"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_of_another_model_does_not_exist_at_this_one()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        const string StableDiffusion = "ac732df83cea7fff18b8472768c88ad041fa750ff7682a21affe81863cbe77e4";
        Assert.Equal(StableDiffusion, (await house.Catalogue.ResolveAsync($"stability-ai/stable-diffusion:{StableDiffusion}", Ct)).Version);
        var failure = await Assert.ThrowsAsync<GenApiException>(
            async () => await house.Catalogue.ResolveAsync($"stability-ai/sdxl:{StableDiffusion}", Ct));
        Assert.Equal(ErrorKind.UnknownModel, failure.Kind);
        Assert.Contains(StableDiffusion, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"owner":"mattt","name":"empty","is_official":false,"latest_version":null}""")]
    [InlineData("""{"owner":"mattt","name":"empty","latest_version":null}""")]
    public async Task A_model_that_nothing_was_ever_published_of_can_not_be_run(string model)
    {
        await using var server = await ScriptedServer.StartAsync(200, model);
        await using var house = await CatalogueHouse.OpenAtAsync(server.BaseUrl);
        var failure = await Assert.ThrowsAsync<GenApiException>(async () => await house.Catalogue.ResolveAsync("mattt/empty", Ct));
        Assert.Equal(ErrorKind.UnknownModel, failure.Kind);
    }

    [Fact]
    public async Task A_pinned_alias_whose_version_does_not_exist_is_unknown()
    {
        await using var house = await CatalogueHouse.OpenAsync(("Models:Aliases:old", $"stability-ai/sdxl:{NoVersion}"));
        var failure = await Assert.ThrowsAsync<GenApiException>(async () => await house.Catalogue.ResolveAsync("old", Ct));
        Assert.Equal(ErrorKind.UnknownModel, failure.Kind);
    }

    [Fact]
    public async Task A_typo_in_a_loop_asks_once_in_half_a_minute()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        for (var round = 0; round < 5; round++)
            await Assert.ThrowsAsync<GenApiException>(async () => await house.Catalogue.ResolveAsync("stability-ai/nope", Ct));
        Assert.Equal(1, house.Requests);
        house.Time.Advance(ModelCatalogue.RememberUnknown);
        await Assert.ThrowsAsync<GenApiException>(async () => await house.Catalogue.ResolveAsync("stability-ai/nope", Ct));
        Assert.Equal(2, house.Requests);
    }

    [Fact]
    public async Task With_aliases_only_nothing_else_is_known()
    {
        await using var house = await CatalogueHouse.OpenAsync(("Models:AllowAny", "false"));
        Assert.Equal("sd", (await house.Catalogue.ResolveAsync("sd", Ct)).Alias);
        foreach (var reference in new[] { "stability-ai/sdxl", $"stability-ai/sdxl:{Sdxl}" })
        {
            var failure = await Assert.ThrowsAsync<GenApiException>(async () => await house.Catalogue.ResolveAsync(reference, Ct));
            Assert.Equal(ErrorKind.UnknownModel, failure.Kind);
            Assert.Contains("The nearest aliases: sdxl, ", failure.Message, StringComparison.Ordinal);
        }
        Assert.Equal(1, house.Requests);
    }

    [Fact]
    public async Task What_may_change_is_read_again_when_its_time_has_come()
    {
        await using var house = await CatalogueHouse.OpenAsync(("Models:RefreshMinutes", "10"));
        await house.Catalogue.ResolveAsync("flux-schnell", Ct);
        await house.Catalogue.ResolveAsync("sdxl", Ct);
        await house.Catalogue.RefreshDueAsync(Ct);
        Assert.Equal(2, house.Requests);
        house.Time.Advance(TimeSpan.FromMinutes(10));
        await house.Catalogue.RefreshDueAsync(Ct);
        // A pinned version never changes, so only the other one was requested.
        Assert.Equal(3, house.Requests);
        await house.Catalogue.RefreshDueAsync(Ct);
        Assert.Equal(3, house.Requests);
        house.Time.Advance(TimeSpan.FromDays(2));
        await house.Catalogue.RefreshDueAsync(Ct);
        Assert.Equal(3, house.Requests);
    }

    [Fact]
    public async Task A_refresh_that_fails_leaves_what_is_known()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        var before = await house.Catalogue.ResolveAsync("flux-schnell", Ct);
        await house.StopUpstreamAsync();
        house.Time.Advance(TimeSpan.FromHours(2));
        await house.Catalogue.RefreshDueAsync(Ct);
        Assert.Same(before, await house.Catalogue.ResolveAsync("flux-schnell", Ct));
    }

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("stability-ai/sdxl:latest")]
    public async Task A_malformed_reference_asks_nobody(string reference)
    {
        await using var house = await CatalogueHouse.OpenAsync();
        var failure = await Assert.ThrowsAsync<GenApiException>(async () => await house.Catalogue.ResolveAsync(reference, Ct));
        Assert.Equal(ErrorKind.InvalidRequest, failure.Kind);
        Assert.Equal(0, house.Requests);
    }
}
