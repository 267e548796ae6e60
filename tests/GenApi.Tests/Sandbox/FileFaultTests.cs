using System.Net;
using GenApi.Sandbox.Control;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

public sealed class FileFaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cut_file_promises_more_than_it_sends()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var file = FirstFile(await sandbox.RunAsync());
        sandbox.Server.Faults.Add(FaultKind.FileCut);
        using var response = await sandbox.Http.GetAsync(file, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.NotNull(response.Content.Headers.ContentLength);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal("PNG"u8.ToArray(), (await sandbox.Http.GetByteArrayAsync(file, Ct))[1..4]);
    }

    [Fact]
    public async Task A_corrupt_file_is_no_picture_and_a_mistyped_one_is()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var file = FirstFile(await sandbox.RunAsync());
        var whole = await sandbox.Http.GetByteArrayAsync(file, Ct);
        sandbox.Server.Faults.Add(FaultKind.FileCorrupt);
        Assert.NotEqual(whole[..4], (await sandbox.Http.GetByteArrayAsync(file, Ct))[..4]);
        sandbox.Server.Faults.Add(FaultKind.FileWrongType);
        using var response = await sandbox.Http.GetAsync(file, Ct);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(whole, await response.Content.ReadAsByteArrayAsync(Ct));
    }

    [Fact]
    public async Task An_oversized_file_says_nothing_of_its_size()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var file = FirstFile(await sandbox.RunAsync());
        sandbox.Server.Faults.Add(new Fault(FaultKind.FileOversized) { Count = 3_000_000 });
        using var response = await sandbox.Http.GetAsync(file, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Null(response.Content.Headers.ContentLength);
        Assert.Equal(3_000_000, (await response.Content.ReadAsByteArrayAsync(Ct)).Length);
    }

    [Fact]
    public async Task A_chunked_file_is_whole_without_a_length()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var file = FirstFile(await sandbox.RunAsync());
        sandbox.Server.Faults.Add(FaultKind.FileChunked);
        using var response = await sandbox.Http.GetAsync(file, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.True(response.Headers.TransferEncodingChunked);
        Assert.Equal(await sandbox.Http.GetByteArrayAsync(file, Ct), await response.Content.ReadAsByteArrayAsync(Ct));
    }

    [Fact]
    public async Task A_slow_file_stops_half_way_until_released()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var file = FirstFile(await sandbox.RunAsync());
        var slow = sandbox.Server.Faults.Add(FaultKind.FileSlow);
        using var response = await sandbox.Http.GetAsync(file, HttpCompletionOption.ResponseHeadersRead, Ct);
        var body = response.Content.ReadAsByteArrayAsync(Ct);
        Assert.False(body.IsCompleted);
        slow.Release();
        Assert.Equal(response.Content.Headers.ContentLength, (await body).Length);
    }

    [Theory]
    [InlineData(FaultKind.FileVanished, 404)]
    [InlineData(FaultKind.FileUnavailable, 503)]
    public async Task A_file_may_be_away_for_a_while(FaultKind kind, int status)
    {
        await using var sandbox = await AtFullSpeedAsync();
        var file = FirstFile(await sandbox.RunAsync());
        sandbox.Server.Faults.Add(kind, times: 2);
        for (var i = 0; i < 2; i++)
        {
            using var away = await sandbox.Http.GetAsync(file, Ct);
            Assert.Equal(status, (int)away.StatusCode);
        }
        using var back = await sandbox.Http.GetAsync(file, Ct);
        Assert.Equal(200, (int)back.StatusCode);
    }

    [Fact]
    public async Task A_file_may_send_its_caller_elsewhere_or_round_in_circles()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var file = FirstFile(await sandbox.RunAsync());
        sandbox.Server.Faults.Add(new Fault(FaultKind.FileRedirect) { Text = "http://169.254.169.254/latest" });
        sandbox.Server.Faults.Add(FaultKind.FileRedirect);
        using var elsewhere = await sandbox.Http.GetAsync(file, Ct);
        Assert.Equal(HttpStatusCode.Redirect, elsewhere.StatusCode);
        Assert.Equal("http://169.254.169.254/latest", elsewhere.Headers.Location!.ToString());
        using var circle = await sandbox.Http.GetAsync(file, Ct);
        Assert.Equal(file, circle.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_download_may_be_reset_before_any_answer()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var file = FirstFile(await sandbox.RunAsync());
        sandbox.Server.Faults.Add(FaultKind.FileReset);
        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.Http.GetAsync(file, Ct));
        Assert.Equal(1, sandbox.Server.Stats.Downloads);
    }
}
