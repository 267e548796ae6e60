using GenApi.Core.Errors;
using GenApi.Core.Replicate;

namespace GenApi.Tests.Models;

/// <summary>Models in full, as the upstream describes them.</summary>
public sealed class ModelDirectoryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_is_read_forwards_and_backwards()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        var directory = house.InFull;
        var (all, _, _) = await directory.ListAsync(100, null, null, Ct);

        var first = await directory.ListAsync(3, null, null, Ct);
        var second = await directory.ListAsync(3, Name(first.Models[^1]), null, Ct);
        var last = await directory.ListAsync(3, Name(second.Models[^1]), null, Ct);
        var back = await directory.ListAsync(3, null, Name(second.Models[0]), Ct);

        Assert.Equal(7, all.Count);
        Assert.Equal(all.Select(Name), [.. first.Models.Select(Name), .. second.Models.Select(Name), .. last.Models.Select(Name)]);
        Assert.Equal(first.Models.Select(Name), back.Models.Select(Name));
        Assert.Equal(
            [(false, true), (true, true), (true, false), (false, true)],
            new[] { first, second, last, back }.Select(page => (page.HasEarlier, page.HasLater)));
    }

    [Fact]
    public async Task A_description_is_read_again_after_the_time_of_the_settings_and_kept_without_an_answer()
    {
        await using var house = await CatalogueHouse.OpenAsync(("Models:RefreshMinutes", "10"));
        var directory = house.InFull;
        await directory.GetAsync("stability-ai", "sdxl", Ct);
        var read = house.Requests;

        await directory.GetAsync("stability-ai", "sdxl", Ct);
        var again = house.Requests;
        house.Time.Advance(TimeSpan.FromMinutes(11));
        await directory.GetAsync("stability-ai", "sdxl", Ct);
        var later = house.Requests;
        house.Time.Advance(TimeSpan.FromMinutes(11));
        await house.StopUpstreamAsync();
        var kept = await directory.GetAsync("stability-ai", "sdxl", Ct);

        Assert.Equal((read, read + 1), (again, later));
        Assert.NotNull(kept.LatestVersion!.OpenApiSchema);
        var unknown = await Assert.ThrowsAsync<GenApiException>(() => directory.GetAsync("recraft-ai", "recraft-v3", Ct));
        Assert.Equal(ErrorKind.UpstreamUnavailable, unknown.Kind);
    }

    [Fact]
    public async Task A_version_that_was_shown_has_a_name()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        var directory = house.InFull;
        var official = await directory.GetAsync("google", "imagen-4", Ct);
        var versions = await directory.ListVersionsAsync("stability-ai", "sdxl", null, Ct);

        Assert.Equal("google/imagen-4", house.Guide.NameOfVersion(official.LatestVersion!.Id));
        Assert.Equal($"stability-ai/sdxl:{versions.Versions[1].Id}", house.Guide.NameOfVersion(versions.Versions[1].Id));
    }

    private static string Name(ReplicateModel model) => $"{model.Owner}/{model.Name}";
}
