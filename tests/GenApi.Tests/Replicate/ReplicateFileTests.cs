using System.Globalization;
using System.Net;
using GenApi.Core.Errors;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Replicate;

/// <summary>The Files API: the requests, and the result of every answer.</summary>
public sealed class ReplicateFileTests
{
    private const string Good = """{"id":"abc","name":"a.png","content_type":"image/png","size":3,"expires_at":"2026-01-02T00:00:"""
        + """00Z","urls":{"get":"https://api.replicate.com/v1/files/abc"}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_one_part_with_its_name_and_type()
    {
        await using var server = await ScriptedServer.StartAsync(201, Good);
        await using var rig = new ReplicateRig(server.BaseUrl);

        var file = await rig.Client.SendFileAsync(new MemoryStream("xyz"u8.ToArray()), "a.png", "image/png", Cancel);

        Assert.Equal(
            ("abc", "https://api.replicate.com/v1/files/abc", 3L, new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)),
            (file.Id, file.Url, file.Bytes, file.ExpiresAt));
        var request = Assert.Single(server.Requests);
        Assert.Equal(
            ("POST", "/v1/files", $"Bearer {ReplicateRig.Token}"), (request.Method, request.Target, request.Headers["Authorization"]));
        Assert.StartsWith("multipart/form-data; boundary=", request.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Equal(request.Body.Length.ToString(CultureInfo.InvariantCulture), request.Headers["Content-Length"]);
        Assert.Contains(
            "form-data; name=content; filename=a.png", request.Body.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Content-Type: image/png\r\n", request.Body, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\nxyz\r\n--", request.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, ErrorKind.UpstreamUnauthorized, false)]
    [InlineData(402, ErrorKind.UpstreamOutOfCredit, false)]
    [InlineData(404, ErrorKind.UpstreamBadAnswer, false)]
    [InlineData(413, ErrorKind.InvalidInput, false)]
    [InlineData(429, ErrorKind.UpstreamRateLimited, true)]
    [InlineData(500, ErrorKind.UpstreamUnavailable, true)]
    [InlineData(503, ErrorKind.UpstreamUnavailable, true)]
    public async Task A_refused_file_never_may_have_happened_as_nothing_was_spent(int status, ErrorKind kind, bool isTransient)
    {
        await using var server = await ScriptedServer.StartAsync(status, """{"detail":"no"}""");
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.SendFileAsync(new MemoryStream([1]), "a", "image/png", Cancel));

        Assert.Equal((kind, isTransient, false), (fault.Kind, fault.IsTransient, fault.MayHaveHappened));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("""{"id":"abc","size":3}""")]
    [InlineData("""{"size":3,"urls":{"get":"https://a/b"}}""")]
    [InlineData("""{"id":"abc","size":3,"urls":{"get":"file:///etc/passwd"}}""")]
    [InlineData("""{"id":"abc","size":2,"urls":{"get":"https://a/b"}}""")]
    [InlineData("not json")]
    public async Task An_answer_that_can_not_be_relied_on_is_a_bad_one(string body)
    {
        await using var server = await ScriptedServer.StartAsync(201, body);
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.SendFileAsync(new MemoryStream([1, 2, 3]), "a", "image/png", Cancel));

        Assert.Equal((ErrorKind.UpstreamBadAnswer, true, false), (fault.Kind, fault.IsTransient, fault.MayHaveHappened));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_found_and_one_that_is_goes()
    {
        var there = true;
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.StatusCode = !there ? 404 : context.Request.Method == "DELETE" ? (int)HttpStatusCode.NoContent : 200;
            if (context.Response.StatusCode == 200)
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(Good, Cancel);
            }
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        Assert.Equal("abc", (await rig.Client.GetFileAsync("abc", Cancel)).Id);
        await rig.Client.DeleteFileAsync("abc", Cancel);
        there = false;

        Assert.Equal(ErrorKind.NotFound, (await ReplicateRig.FailsAsync(rig.Client.GetFileAsync("abc", Cancel))).Kind);
        Assert.Equal(ErrorKind.NotFound, (await ReplicateRig.FailsAsync(rig.Client.DeleteFileAsync("abc", Cancel))).Kind);
    }
}
