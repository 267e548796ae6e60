using System.Net;
using System.Net.Sockets;
using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Replicate;

/// <summary>Connections that fail, and whether a creation may have reached the other side.</summary>
public sealed class ReplicateTransportTests
{
    private const string Starting = """{"id":"abc","status":"starting"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_connection_means_that_nothing_was_created()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        await AssertCreateAsync($"http://127.0.0.1:{port}", ErrorKind.UpstreamUnavailable, mayHaveHappened: false);
    }

    [Fact]
    public Task An_unknown_host_means_that_nothing_was_created() =>
        AssertCreateAsync("http://nowhere.invalid", ErrorKind.UpstreamUnavailable, mayHaveHappened: false);

    [Fact]
    public async Task A_failed_handshake_means_that_nothing_was_created()
    {
        await using var server = await ScriptedServer.StartAsync(201, Starting);

        await AssertCreateAsync($"https://127.0.0.1:{server.BaseUrl.Port}", ErrorKind.UpstreamUnavailable, mayHaveHappened: false);
    }

    [Fact]
    public async Task A_connection_that_takes_too_long_means_that_nothing_was_created()
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(20),
            ConnectCallback = async (_, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                return Stream.Null;
            },
        };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var cause = await Record.ExceptionAsync(() => http.GetAsync(new Uri("http://127.0.0.1"), Cancel));

        var fault = ReplicateFaults.NoAnswer(ReplicateLeg.Create, cause!);

        Assert.Equal((true, false), (fault.IsTransient, fault.MayHaveHappened));
    }

    [Fact]
    public async Task A_reset_after_the_request_leaves_open_what_was_created()
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));

        Assert.Equal((ErrorKind.UpstreamUnavailable, true, true), (fault.Kind, fault.IsTransient, fault.MayHaveHappened));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_reset_on_a_connection_that_was_used_before_is_not_answered_by_a_second_creation()
    {
        var seen = 0;
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref seen) > 1)
                context.Abort();
            else
                await context.Response.WriteAsync(Starting, Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        await rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);

        var fault = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));

        Assert.True(fault.MayHaveHappened);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_breaks_off_leaves_open_what_was_created(bool announced)
    {
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = announced ? 500 : null;
            await context.Response.WriteAsync(Starting[..12], Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            context.Abort();
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));

        Assert.Equal((ErrorKind.UpstreamUnavailable, true, true), (fault.Kind, fault.IsTransient, fault.MayHaveHappened));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_creation_without_an_answer_times_out_after_a_minute(bool headersSent)
    {
        var arrived = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            if (headersSent)
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{", Cancel);
                await context.Response.Body.FlushAsync(Cancel);
            }

            arrived.SetResult();
            await Forever(context);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        var call = rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);
        await arrived.Task.WaitAsync(Cancel);
        rig.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(call.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(1));

        var fault = await ReplicateRig.FailsAsync(call);
        Assert.Equal((ErrorKind.UpstreamUnavailable, true, true), (fault.Kind, fault.IsTransient, fault.MayHaveHappened));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_cancel_without_an_answer_times_out_after_five_seconds()
    {
        var arrived = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            arrived.SetResult();
            return Forever(context);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        var call = rig.Client.CancelAsync("abc", Cancel);
        await arrived.Task.WaitAsync(Cancel);
        rig.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(ErrorKind.UpstreamUnavailable, (await ReplicateRig.FailsAsync(call)).Kind);
    }

    [Fact]
    public async Task The_callers_own_cancellation_comes_as_one()
    {
        var arrived = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            arrived.SetResult();
            return Forever(context);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var call = rig.Client.CreateAsync(ReplicateRig.ByVersion, leaving.Token);
        await arrived.Task.WaitAsync(Cancel);
        await leaving.CancelAsync();

        Assert.Equal(leaving.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call)).CancellationToken);
    }

    [Fact]
    public async Task A_read_is_tried_three_times_and_a_creation_once()
    {
        await using var server = await ScriptedServer.StartAsync(503, "");
        await using var rig = new ReplicateRig(server.BaseUrl);

        var read = await rig.HurryAsync(Record.ExceptionAsync(() => rig.Client.GetAsync("abc", Cancel)).AsTask());
        Assert.Equal(ErrorKind.UpstreamUnavailable, Assert.IsType<GenApiException>(read).Kind);
        Assert.Equal(3, server.Requests.Count);
        Assert.All(
            server.Requests, request => Assert.Equal(
                ("/v1/predictions/abc", $"Bearer {ReplicateRig.Token}"), (request.Target, request.Headers["Authorization"])));

        await rig.HurryAsync(Record.ExceptionAsync(() => rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel)).AsTask());
        await rig.HurryAsync(Record.ExceptionAsync(() => rig.Client.CancelAsync("abc", Cancel)).AsTask());
        Assert.Equal(5, server.Requests.Count);
    }

    [Fact]
    public async Task A_read_that_fails_once_succeeds()
    {
        var seen = 0;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (Interlocked.Increment(ref seen) > 1)
                return context.Response.WriteAsync(Starting, Cancel);
            context.Abort();
            return Task.CompletedTask;
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        Assert.Equal("abc", (await rig.HurryAsync(rig.Client.GetAsync("abc", Cancel))).Id);
    }

    [Fact]
    public async Task A_read_that_should_come_back_much_later_is_not_tried_again()
    {
        await using var server = await ScriptedServer.StartAsync(503, "", "text/plain", ("Retry-After", "60"));
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));

        Assert.Equal(60, fault.RetryAfter?.TotalSeconds);
        Assert.Single(server.Requests);
    }

    private static async Task AssertCreateAsync(string baseUrl, ErrorKind kind, bool mayHaveHappened)
    {
        await using var rig = new ReplicateRig(new Uri(baseUrl));
        var fault = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));
        Assert.Equal((kind, true, mayHaveHappened), (fault.Kind, fault.IsTransient, fault.MayHaveHappened));
    }

    private static async Task Forever(HttpContext context)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client has gone, which is what the test waits for.
        }
    }
}
