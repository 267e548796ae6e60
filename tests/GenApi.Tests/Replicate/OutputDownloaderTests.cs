using GenApi.Core.Errors;
using GenApi.Core.Replicate.Outputs;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Replicate;

public sealed class OutputDownloaderTests
{
    private static readonly byte[] Picture = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31))];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_comes_as_it_is_and_without_our_token(bool announced)
    {
        await using var server = await ScriptedServer.StartAsync(context => SendAsync(context, Picture, announced ? Picture.Length : null));
        await using var rig = new ReplicateRig(server.BaseUrl);

        await using var file = await rig.Downloader.OpenAsync(new Uri(server.BaseUrl, "/out-0.png?x=1").AbsoluteUri, Cancel);

        Assert.Equal(("image/png", announced ? Picture.Length : (long?)null), (file.ContentType, file.Length));
        Assert.Equal(Picture, await ReadAsync(file));
        var request = Assert.Single(server.Requests);
        Assert.Equal("/out-0.png?x=1", request.Target);
        Assert.DoesNotContain(
            request.Headers, header => header.Key is "Authorization" or "Accept-Encoding"
            || header.Value.Contains("r8_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_cut_short_is_a_transient_failure(bool announced)
    {
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            await SendAsync(context, Picture.AsMemory(0, 1000), announced ? Picture.Length : null);
            await context.Response.Body.FlushAsync(Cancel);
            context.Abort();
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        await AssertFailsAsync(rig, server.BaseUrl.AbsoluteUri, transient: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_beyond_the_limit_is_refused(bool announced)
    {
        await using var server = await ScriptedServer.StartAsync(context => SendAsync(context, Picture, announced ? Picture.Length : null));
        await using var rig = new ReplicateRig(server.BaseUrl, null, ("Replicate:MaxOutputBytes", $"{Picture.Length - 1}"));

        var fault = await AssertFailsAsync(rig, server.BaseUrl.AbsoluteUri, transient: false, ErrorKind.UnusableOutput);
        Assert.Contains("Replicate:MaxOutputBytes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_just_the_limit_is_taken()
    {
        await using var server = await ScriptedServer.StartAsync(context => SendAsync(context, Picture, null));
        await using var rig = new ReplicateRig(server.BaseUrl, null, ("Replicate:MaxOutputBytes", $"{Picture.Length}"));

        await using var file = await rig.Downloader.OpenAsync(server.BaseUrl.AbsoluteUri, Cancel);
        Assert.Equal(Picture, await ReadAsync(file));
    }

    [Theory]
    [InlineData(404, false)]
    [InlineData(410, false)]
    [InlineData(403, false)]
    [InlineData(204, false)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    public async Task A_status_tells_whether_to_try_again(int status, bool transient)
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        await AssertFailsAsync(rig, server.BaseUrl.AbsoluteUri, transient);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Nobody_there_is_a_transient_failure()
    {
        var server = await ScriptedServer.StartAsync(200, "");
        var address = server.BaseUrl;
        await server.DisposeAsync();
        await using var rig = new ReplicateRig(address);

        await AssertFailsAsync(rig, address.AbsoluteUri, transient: true);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task Three_redirects_are_followed(int redirects, bool arrives)
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            var hop = int.Parse(context.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture);
            if (hop == 0)
                return SendAsync(context, Picture, Picture.Length);
            context.Response.Redirect($"/{hop - 1}");
            return Task.CompletedTask;
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        var address = new Uri(server.BaseUrl, $"/{redirects}").AbsoluteUri;

        if (arrives)
        {
            await using var file = await rig.Downloader.OpenAsync(address, Cancel);
            Assert.Equal(Picture, await ReadAsync(file));
        }
        else
        {
            await AssertFailsAsync(rig, address, transient: false, ErrorKind.UnusableOutput);
        }

        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_refused_before_it_is_asked()
    {
        await using var other = await ScriptedServer.StartAsync(200, "secret");
        await using var server = await ScriptedServer.StartAsync(302, "", "text/plain", ("Location", other.BaseUrl.AbsoluteUri));
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await AssertFailsAsync(rig, server.BaseUrl.AbsoluteUri, transient: false, ErrorKind.UnusableOutput);

        Assert.Contains(other.BaseUrl.Authority, fault.Message, StringComparison.Ordinal);
        Assert.Contains("Replicate:DeliveryHosts", fault.Message, StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("https://evil.example/out.png")]
    [InlineData("http://replicate.delivery/out.png")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("out.png")]
    [InlineData("")]
    public async Task Another_host_or_scheme_is_refused(string address)
    {
        await using var rig = new ReplicateRig(new Uri("http://127.0.0.1:1"));

        await AssertFailsAsync(rig, address, transient: false, ErrorKind.UnusableOutput);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Standing_still_is_a_transient_failure(bool beforeHeaders)
    {
        var still = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            if (!beforeHeaders)
            {
                await SendAsync(context, Picture.AsMemory(0, 1000), Picture.Length);
                await context.Response.Body.FlushAsync(Cancel);
            }

            still.SetResult();
            await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        var reading = ReplicateRig.FailsAsync(ReadAllAsync(rig, server.BaseUrl.AbsoluteUri));
        await still.Task.WaitAsync(Cancel);
        rig.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(reading.IsCompleted);
        // Not just one second more: what was sent before may only be read now, and the time starts over with each read.
        var fault = await rig.HurryAsync(reading, TimeSpan.FromSeconds(30));

        Assert.Equal((ErrorKind.DownloadFailed, true), (fault.Kind, fault.IsTransient));
    }

    [Fact]
    public async Task A_trickle_ends_after_ten_minutes()
    {
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            for (var sent = 0; sent < 100_000 && !context.RequestAborted.IsCancellationRequested; sent++)
            {
                await context.Response.Body.WriteAsync(new byte[1], Cancel);
                await context.Response.Body.FlushAsync(Cancel);
            }
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        await using var file = await rig.Downloader.OpenAsync(server.BaseUrl.AbsoluteUri, Cancel);

        var reads = 0;
        var fault = await ReplicateRig.FailsAsync(TrickleAsync());

        Assert.True(fault.IsTransient);
        Assert.InRange(reads, 20, 40);

        async Task TrickleAsync()
        {
            var buffer = new byte[1];
            while (await file.Content.ReadAsync(buffer, Cancel) > 0 && ++reads < 100)
                rig.Time.Advance(TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public async Task The_callers_own_cancellation_comes_as_one()
    {
        var still = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            still.SetResult();
            await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var opening = rig.Downloader.OpenAsync(server.BaseUrl.AbsoluteUri, leaving.Token);
        await still.Task.WaitAsync(Cancel);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
    }

    [Fact]
    public async Task A_compressed_answer_is_refused()
    {
        await using var server = await ScriptedServer.StartAsync(200, "zip", "image/png", ("Content-Encoding", "gzip"));
        await using var rig = new ReplicateRig(server.BaseUrl);

        await AssertFailsAsync(rig, server.BaseUrl.AbsoluteUri, transient: false, ErrorKind.UnusableOutput);
    }

    private static async Task<GenApiException> AssertFailsAsync(
        ReplicateRig rig, string address, bool transient, ErrorKind kind = ErrorKind.DownloadFailed)
    {
        var fault = await ReplicateRig.FailsAsync(ReadAllAsync(rig, address));
        Assert.Equal((kind, transient), (fault.Kind, fault.IsTransient));
        return fault;
    }

    private static async Task ReadAllAsync(ReplicateRig rig, string address)
    {
        await using var file = await rig.Downloader.OpenAsync(address, Cancel);
        await ReadAsync(file);
    }

    private static async Task<byte[]> ReadAsync(OutputFile file)
    {
        using var bytes = new MemoryStream();
        await file.Content.CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }

    private static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> body, long? announced)
    {
        context.Response.ContentType = "image/png";
        context.Response.ContentLength = announced;
        await context.Response.Body.WriteAsync(body, Cancel);
    }
}
