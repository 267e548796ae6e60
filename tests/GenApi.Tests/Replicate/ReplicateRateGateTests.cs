using GenApi.Core.Errors;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Replicate;

/// <summary>
/// The client under the limits of an upstream, over a socket, by a clock that the test moves.
/// </summary>
public sealed class ReplicateRateGateTests
{
    private const string Starting = """{"id":"abc","status":"starting"}""";

    private const string LowCredit =
        """{"detail":"Request was throttled. Your rate limit for creating predictions is reduced to 6 requests per minute with a burst """
            + """of 1 requests while you have less than $5.0 in credit. Your rate limit resets in ~5s.","status":429,"retry_after":5}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_limits_are_those_of_the_settings()
    {
        await using var server = await ScriptedServer.StartAsync(200, Starting);
        await using var rig = new ReplicateRig(
            server.BaseUrl, null, ("Replicate:CreationsPerMinute", "20"), ("Replicate:ReadsPerMinute", "30"));

        for (var each = 0; each < 2; each++)
            await rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);
        for (var each = 0; each < 3; each++)
            await rig.Client.GetAsync("abc", Cancel);
        var third = rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);
        var cancel = rig.Client.CancelAsync("abc", Cancel);

        Assert.Equal(5, server.Requests.Count);
        // A tenth went at once; the next creation comes after an eighteenth of a minute, the next other call after a 27th.
        rig.Time.Advance(TimeSpan.FromSeconds(4));
        await third;
        await cancel;
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    public async Task The_headers_of_an_answer_are_obeyed_for_its_own_kind(string method)
    {
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            var isTold = context.Request.Method == method;
            context.Response.Headers["ratelimit-remaining"] = isTold ? "0" : "2999";
            context.Response.Headers["ratelimit-reset"] = isTold ? "20" : "1";
            return context.Response.WriteAsync(Starting, Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        Task Call(string which) =>
            which == "POST" ? rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel) : rig.Client.GetAsync("abc", Cancel);
        await Call(method);

        var second = Call(method);
        await Call(method == "POST" ? "GET" : "POST");
        rig.Time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(second.IsCompleted);
        Assert.Single(server.Requests, request => request.Method == method);
        rig.Time.Advance(TimeSpan.FromSeconds(1));

        await second;
    }

    [Fact]
    public async Task A_read_after_a_429_waits_its_time_and_creations_do_not()
    {
        var reads = 0;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            var isFirst = context.Request.Method == "GET" && Interlocked.Increment(ref reads) == 1;
            context.Response.StatusCode = isFirst ? 429 : 200;
            return context.Response.WriteAsync(
                isFirst ? """{"detail":"Request was throttled. Expected available in 10 seconds."}""" : Starting, Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));

        var second = rig.Client.GetAsync("abc", Cancel);
        await rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);
        rig.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, Volatile.Read(ref reads));
        rig.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("abc", (await second).Id);
    }

    [Fact]
    public async Task Whoever_waits_for_a_model_is_told_of_a_long_pause_instead_of_sitting_it_out()
    {
        await using var server = await ScriptedServer.StartAsync(429, "", "text/plain", ("Retry-After", "60"));
        await using var rig = new ReplicateRig(server.BaseUrl);
        await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));
        rig.Time.Advance(TimeSpan.FromSeconds(20));

        var fault = await ReplicateRig.FailsAsync(rig.Client.GetModelAsync("owner", "name", Cancel));

        Assert.Equal((ErrorKind.UpstreamRateLimited, 40.0), (fault.Kind, fault.RetryAfter?.TotalSeconds));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Low_on_credit_creations_go_six_a_minute_until_none_was_refused_for_five_minutes()
    {
        var isLow = true;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.StatusCode = Volatile.Read(ref isLow) ? 429 : 201;
            return context.Response.WriteAsync(Volatile.Read(ref isLow) ? LowCredit : Starting, Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));

        Assert.Equal(6, rig.Upstream.CreationsReducedTo);
        Assert.Single(
            rig.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal)
            && line.Contains("only 6 creations a minute", StringComparison.Ordinal));
        Volatile.Write(ref isLow, false);
        rig.Time.Advance(TimeSpan.FromSeconds(5));
        await rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);
        var second = rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, server.Requests.Count);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await second;

        rig.Time.Advance(TimeSpan.FromMinutes(5));
        await rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);

        Assert.Null(rig.Upstream.CreationsReducedTo);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel)));
    }

    [Fact]
    public async Task A_read_that_is_sent_again_counts()
    {
        await using var server = await ScriptedServer.StartAsync(503, "");
        await using var rig = new ReplicateRig(server.BaseUrl, null, ("Replicate:ReadsPerMinute", "60"));

        var began = rig.Time.GetUtcNow();
        // Two, with two repetitions each: what six may send at once.
        for (var each = 0; each < 2; each++)
            await rig.HurryAsync(Record.ExceptionAsync(() => rig.Client.GetAsync("abc", Cancel)).AsTask());
        Assert.Equal(6, server.Requests.Count);
        await rig.HurryAsync(
            Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Record.ExceptionAsync(() => rig.Client.CancelAsync("abc", Cancel)).AsTask())));

        // Fourteen by then: six at once, and eight more at nine in ten seconds. If retries cost nothing, it would be half of that.
        Assert.InRange(rig.Time.GetUtcNow() - began, TimeSpan.FromSeconds(8.5), TimeSpan.MaxValue);
    }
}
