using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GenApi.Core.Errors;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Replicate;

/// <summary>Answers that arrive in an odd form.</summary>
public sealed class ReplicateAnswerTests
{
    private const string Starting = """{"id":"abc","status":"starting"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refusal_whose_body_breaks_off_is_still_a_refusal()
    {
        // By hand: a server that aborts resets the connection, and a reset may overtake the head of the answer.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var rig = new ReplicateRig(new Uri($"http://{listener.LocalEndpoint}"));

        var call = rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);
        using var connection = await listener.AcceptSocketAsync(Cancel);
        var request = "";
        var buffer = new byte[4096];
        while (!request.EndsWith("}}", StringComparison.Ordinal))
            request += Encoding.ASCII.GetString(buffer, 0, await connection.ReceiveAsync(buffer, Cancel));
        await connection.SendAsync("HTTP/1.1 402 Payment Required\r\nContent-Length: 500\r\n\r\n{"u8.ToArray(), Cancel);
        connection.Shutdown(SocketShutdown.Send);

        var fault = await ReplicateRig.FailsAsync(call);
        Assert.Equal((ErrorKind.UpstreamOutOfCredit, false), (fault.Kind, fault.MayHaveHappened));
    }

    [Fact]
    public async Task An_answer_that_is_not_the_gzip_it_claims_to_be_can_not_be_read()
    {
        await using var server = await ScriptedServer.StartAsync(200, Starting, "application/json", ("Content-Encoding", "gzip"));
        await using var rig = new ReplicateRig(server.BaseUrl);

        Assert.Equal(ErrorKind.UpstreamBadAnswer, (await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel))).Kind);
    }

    /// <summary>Behaves like a cache or a proxy that mixes up connections.</summary>
    [Fact]
    public async Task An_answer_about_another_prediction_does_not_stand_in_for_the_one_asked_for()
    {
        await using var server = await ScriptedServer.StartAsync(200, Starting);
        await using var rig = new ReplicateRig(server.BaseUrl);

        Assert.Equal("abc", (await rig.Client.GetAsync("abc", Cancel)).Id);
        var look = await ReplicateRig.FailsAsync(rig.Client.GetAsync("abd", Cancel));
        var cancel = await ReplicateRig.FailsAsync(rig.Client.CancelAsync("ABC", Cancel));

        Assert.Equal((ErrorKind.UpstreamBadAnswer, true), (look.Kind, look.IsTransient));
        Assert.Equal((ErrorKind.UpstreamBadAnswer, true), (cancel.Kind, cancel.IsTransient));
    }

    [Fact]
    public async Task The_trace_goes_upstream_and_the_callers_baggage_does_not()
    {
        await using var server = await ScriptedServer.StartAsync(200, Starting);
        await using var rig = new ReplicateRig(server.BaseUrl);
        using var activity = new Activity("test").AddBaggage("user", "secret").Start();

        await rig.Client.GetAsync("abc", Cancel);

        var headers = Assert.Single(server.Requests).Headers;
        Assert.Contains(activity.TraceId.ToHexString(), headers["traceparent"], StringComparison.Ordinal);
        Assert.DoesNotContain(headers, header => header.Value.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_without_end_is_given_up()
    {
        var piece = new string(' ', 1 << 20);
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            for (var sent = 0; sent < 80 && !context.RequestAborted.IsCancellationRequested; sent++)
                await context.Response.WriteAsync(piece, Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        Assert.Equal(ErrorKind.UpstreamBadAnswer, (await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel))).Kind);
    }
}
