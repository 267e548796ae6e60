using GenApi.Core.Errors;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Replicate;

/// <summary>Each status and body that Replicate is known to refuse with, over a socket.</summary>
public sealed class ReplicateRefusalTests
{
    private const string OutOfCredit =
        """{"title":"Insufficient credit","detail":"You have insufficient credit. Go to https://replicate.com/account/billing#billing """
            + """to purchase credit.","status":402}""";

    private const string InvalidVersion =
        """{"title":"Invalid version or not permitted","detail":"The specified version does not exist (or perhaps you don't have """
            + """permission to use it?)","status":422}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(401, "{}", ErrorKind.UpstreamUnauthorized, false, false)]
    [InlineData(403, "{}", ErrorKind.UpstreamUnauthorized, false, false)]
    [InlineData(402, OutOfCredit, ErrorKind.UpstreamOutOfCredit, false, false)]
    [InlineData(404, """{"detail":"Not Found"}""", ErrorKind.UnknownModel, false, false)]
    [InlineData(422, InvalidVersion, ErrorKind.UnknownModel, false, false)]
    [InlineData(422, "<html>", ErrorKind.InvalidInput, false, false)]
    [InlineData(413, "", ErrorKind.InvalidInput, false, false)]
    [InlineData(400, """{"detail":"no"}""", ErrorKind.UpstreamBadAnswer, false, false)]
    [InlineData(429, "", ErrorKind.UpstreamRateLimited, true, false)]
    [InlineData(408, "", ErrorKind.UpstreamUnavailable, true, true)]
    [InlineData(500, """{"detail":"Internal server error"}""", ErrorKind.UpstreamUnavailable, true, true)]
    [InlineData(502, "<html><body>Bad gateway</body></html>", ErrorKind.UpstreamUnavailable, true, true)]
    [InlineData(307, "", ErrorKind.UpstreamBadAnswer, false, true)]
    [InlineData(201, "<html>fine</html>", ErrorKind.UpstreamBadAnswer, true, true)]
    [InlineData(201, "", ErrorKind.UpstreamBadAnswer, true, true)]
    [InlineData(201, "null", ErrorKind.UpstreamBadAnswer, true, true)]
    [InlineData(201, "[]", ErrorKind.UpstreamBadAnswer, true, true)]
    [InlineData(201, """{"status":"starting"}""", ErrorKind.UpstreamBadAnswer, true, true)]
    public async Task A_creation_is_sent_once_and_fails_by_what_was_answered(
        int status, string body, ErrorKind kind, bool transient, bool mayHaveHappened)
    {
        await using var server = await ScriptedServer.StartAsync(
            status, body, body.StartsWith('<') ? "text/html" : "application/problem+json", ("Location", "/elsewhere"));
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByModel, Cancel));

        Assert.Equal((kind, transient, mayHaveHappened), (fault.Kind, fault.IsTransient, fault.MayHaveHappened));
        Assert.Single(server.Requests);
        Assert.DoesNotContain("credit", fault.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(ReplicateRig.Token, fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, ErrorKind.NotFound, true)]
    [InlineData(401, ErrorKind.UpstreamUnauthorized, false)]
    [InlineData(422, ErrorKind.UpstreamBadAnswer, false)]
    [InlineData(429, ErrorKind.UpstreamRateLimited, true)]
    public async Task A_look_at_a_prediction_fails_by_what_was_answered(int status, ErrorKind kind, bool transient)
    {
        await using var server = await ScriptedServer.StartAsync(status, "{}");
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));

        Assert.Equal((kind, transient, false), (fault.Kind, fault.IsTransient, fault.MayHaveHappened));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(
        """{"title":"Input validation failed","detail":"- input.width: no\n","invalid_fields":["""
            + """{"type":"number_lte","field":"input.width","description":"Must be less than or equal to 1280"},"""
            + """{"type":"enum","field":"input.scheduler","description":"must be one of A, B"},null]}""",
        "$.input.width=Must be less than or equal to 1280|$.input.scheduler=must be one of A, B")]
    [InlineData("""{"detail":"- input.output_format: must be \"jpg\": or \"png\"\n- input.width: too wide\n- input.width: odd\n"}""",
        "$.input.output_format=must be \"jpg\": or \"png\"|$.input.width=too wide,odd")]
    [InlineData(
        """{"invalid_fields":[{"type":"required","field":"input","description":"prompt is required"}]}""",
        "$.input.prompt=prompt is required")]
    [InlineData("""{"detail":"- input: prompt is required\n"}""", "$.input.prompt=prompt is required")]
    [InlineData("""{"detail":"Something about it"}""", "$.input=Something about it")]
    [InlineData("""{"invalid_fields":[{"type":"additional_property_not_allowed","field":"","description":"Additional property x is not """
        + """allowed"}]}""",
        "$.input=Additional property x is not allowed")]
    [InlineData("{}", "$.input=is refused by the model")]
    public async Task Refused_input_names_each_member(string body, string expected)
    {
        await using var server = await ScriptedServer.StartAsync(422, body, "application/problem+json");
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));

        Assert.Equal(ErrorKind.InvalidInput, fault.Kind);
        Assert.Equal(expected, string.Join('|', fault.Errors.Select(pair => $"{pair.Key}={string.Join(',', pair.Value)}")));
    }

    [Theory]
    [InlineData("7", """{"retry_after":5,"detail":"resets in ~30s."}""", 7.0)]
    [InlineData("Thu, 01 Jan 2026 00:00:42 GMT", "{}", 42.0)]
    [InlineData("Wed, 31 Dec 2025 00:00:00 GMT", "{}", 0.0)]
    [InlineData("soon", """{"retry_after":5}""", 5.0)]
    [InlineData("2147483647", "{}", 3600.0)]
    [InlineData("1000000000000", """{"retry_after":999999}""", 3600.0)]
    [InlineData("-7", """{"retry_after":1e999}""", null)]
    [InlineData(null, """{"detail":"Your rate limit resets in ~5s.","retry_after":2.5}""", 2.5)]
    [InlineData(null, """{"detail":"Request was throttled. Your rate limit resets in ~30s."}""", 30.0)]
    [InlineData(null, """{"detail":"Request was throttled. Expected available in 1 second."}""", 1.0)]
    [InlineData(null, """{"detail":"Request was throttled."}""", null)]
    [InlineData(null, "<html>slow down</html>", null)]
    public async Task The_time_to_wait_is_taken_from_the_header_then_the_member_then_the_sentence(
        string? header, string body, double? seconds)
    {
        await using var server = await ScriptedServer.StartAsync(
            429, body, "application/json", header is null ? [] : [("Retry-After", header), ("Date", "Thu, 01 Jan 2026 00:00:00 GMT")]);
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));

        Assert.Equal(seconds, fault.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task A_refused_token_is_told_once_and_forgotten_when_a_call_succeeds()
    {
        var status = 401;
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.StatusCode = Volatile.Read(ref status);
            await context.Response.WriteAsync("""{"id":"abc","status":"starting"}""", Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));
        await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));

        Assert.True(rig.Upstream.Unauthorized);
        Assert.Single(
            rig.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal)
            && line.Contains("Replicate:ApiToken", StringComparison.Ordinal));
        Assert.DoesNotContain(rig.Log.Lines, line => line.Contains(ReplicateRig.Token, StringComparison.Ordinal));

        Volatile.Write(ref status, 200);
        await rig.Client.GetAsync("abc", Cancel);
        Assert.False(rig.Upstream.Unauthorized);
    }

    [Fact]
    public async Task A_creation_after_a_429_waits_its_time_and_reads_do_not()
    {
        var answers = 0;
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            var first = context.Request.Method == "POST" && Interlocked.Increment(ref answers) == 1;
            context.Response.StatusCode = first ? 429 : 201;
            await context.Response.WriteAsync(
                first ? """{"retry_after":30}""" : """{"id":"abc","status":"starting"}""", Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);
        await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));

        var second = rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel);
        await rig.Client.GetAsync("abc", Cancel);
        rig.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, Volatile.Read(ref answers));
        rig.Time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Equal("abc", (await second).Id);
    }

    [Fact]
    public async Task A_waiting_creation_ends_when_its_caller_leaves()
    {
        await using var server = await ScriptedServer.StartAsync(429, "");
        await using var rig = new ReplicateRig(server.BaseUrl);
        await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var waiting = rig.Client.CreateAsync(ReplicateRig.ByVersion, leaving.Token);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Only_the_beginning_of_a_long_refusal_is_read()
    {
        await using var server = await ScriptedServer.StartAsync(500, new string('x', 10 << 20), "text/html");
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.CreateAsync(ReplicateRig.ByVersion, Cancel));

        Assert.InRange(fault.InnerException!.Message.Length, 4000, 4100);
    }
}
