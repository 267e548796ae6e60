using GenApi.Core.Uploads;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Images;
using Microsoft.Extensions.DependencyInjection;
using static GenApi.Tests.Uploads.InputFileTests;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Uploads;

/// <summary>The sweep removes what is no longer used, and nothing else.</summary>
public sealed class UploadSweeperTests
{
    private static readonly byte[] Picture = Pictures.Png(24, 24);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_nobody_has_used_for_a_week_goes_here_and_at_the_upstream()
    {
        await using var app = await GenApiApp.StartAsync();
        var (old, used) = (await app.UploadAsync(Picture), await app.UploadAsync(Pictures.Png(40, 40)));
        await app.GenerateAsync(From(old.Id, 1));
        await app.StopAsync();
        await app.ExecuteAsync($"UPDATE Uploads SET LastUsedAt = LastUsedAt - {TimeSpan.FromDays(8).Ticks}");
        await app.StartAgainAsync();
        Assert.Equal(404, (await app.GetAsync($"/uploads/{old.Id}")).Status);
        BadInputTests.AssertProblem(await app.GenerateAsync(From(old.Id, 2)), 422, "invalid_input");
        await app.ExecuteAsync($"UPDATE Uploads SET LastUsedAt = LastUsedAt + {TimeSpan.FromDays(2).Ticks} WHERE Width = 40");
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(From(used.Id, 3)));

        // The sweep saves the use; until then the row alone says eight days.
        await app.ExecuteAsync($"UPDATE Uploads SET LastUsedAt = LastUsedAt - {TimeSpan.FromDays(2).Ticks} WHERE Width = 40");
        await app.Services.GetRequiredService<UploadSweeper>().SweepAsync(Ended);

        Assert.DoesNotContain(Sha256(Picture), await app.BlobsAsync());
        Assert.Equal(200, (await app.GetAsync($"/uploads/{used.Id}")).Status);
        Assert.Contains(Sha256(Pictures.Png(40, 40)), await app.BlobsAsync());
        using var upstream = new HttpClient();
        upstream.DefaultRequestHeaders.Authorization = new("Bearer", "any");
        var files = app.Sandbox.Stats.UploadedFiles;
        using var gone = await upstream.GetAsync(new Uri(app.Sandbox.BaseUrl, $"/v1/files/{files[0].Id}"), Ended);
        using var there = await upstream.GetAsync(new Uri(app.Sandbox.BaseUrl, $"/v1/files/{files[1].Id}"), Ended);
        Assert.Equal((404, 200), ((int)gone.StatusCode, (int)there.StatusCode));
    }

    [Fact]
    public async Task The_sweep_leaves_bytes_that_an_image_shares()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var bytes = (await app.GetAsync(made.ImageUrl().PathAndQuery)).Body;
        await app.UploadAsync(bytes);
        await app.StopAsync();
        await app.ExecuteAsync($"UPDATE Uploads SET LastUsedAt = LastUsedAt - {TimeSpan.FromDays(8).Ticks}");
        await app.StartAgainAsync();

        await app.Services.GetRequiredService<UploadSweeper>().SweepAsync(Ended);

        Assert.Contains(Sha256(bytes), await app.BlobsAsync());
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{made.Id}"));
    }
}
