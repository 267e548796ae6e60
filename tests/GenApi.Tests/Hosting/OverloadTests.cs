using System.Text;
using GenApi.Core.Generations.Waiting;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Hosting;

/// <summary>The bounds of docs/operate/overload.md.</summary>
public sealed class OverloadTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_head_that_is_too_long_is_turned_away_before_it_is_a_request_and_the_service_goes_on()
    {
        await using var app = await GenApiApp.StartAsync();
        var line = await RawAsync(app, $"GET /{new string('a', 8 << 10)} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var total = await RawAsync(app, $"GET / HTTP/1.1\r\nHost: localhost\r\nX: {new string('a', 32 << 10)}\r\n\r\n");
        var count = await RawAsync(app, $"GET / HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Repeat("X: a\r\n", 100))}\r\n");

        Assert.Equal([414, 431, 431], [line.Status, total.Status, count.Status]);
        foreach (var answer in (Answer[])[line, total, count])
        {
            Assert.Empty(answer.Body);
            Assert.Equal("close", answer.Header("Connection"));
        }
        Assert.Equal(200, (await app.GetAsync("/health/live")).Status);
    }

    [Fact]
    public async Task A_body_without_a_length_is_held_to_the_same_bound()
    {
        await using var app = await GenApiApp.StartAsync();
        using var connection = await RawConnection.OpenAsync(app.Address, Ended);
        await connection.SendAsync(
            Encoding.ASCII.GetBytes("POST /uploads HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1400001\r\n"), Ended);
        await connection.SendAsync(new byte[(20 << 20) + 1], Ended);

        var answer = (await connection.ReadAsync(hasBody: true, leavesStreams: false, Ended))!;

        BadInputTests.AssertProblem(answer, 413, "body_too_large");
    }

    /// <summary>Takes ten seconds of Kestrel's own clock; the connection is closed then.</summary>
    [Fact]
    public async Task A_body_that_stops_coming_is_waited_for_a_while_and_told_why_it_is_no_longer()
    {
        await using var app = await GenApiApp.StartAsync();
        using var connection = await RawConnection.OpenAsync(app.Address, Ended);
        await connection.SendAsync(
            "POST /generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"u8.ToArray(),
            Ended);

        var answer = (await connection.ReadAsync(hasBody: true, leavesStreams: false, Ended))!;

        BadInputTests.AssertProblem(answer, 408, "request_timeout");
        Assert.Contains("4 KiB a second", answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.Null(await connection.ReadAsync(hasBody: true, leavesStreams: false, Ended));
        Assert.Equal(0, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Above_the_bound_a_listener_is_refused_and_a_wait_is_answered_at_once()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:MaxListeners"] = "1" });
        app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var accepted = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        var events = $"/generations/{accepted.Id}/events";
        using (await app.Client.GetAsync(events, HttpCompletionOption.ResponseHeadersRead, Ended))
        {
            var second = await app.GetAsync(events);
            var waited = await app.GetAsync($"/generations/{accepted.Id}", ("Prefer", "wait=300"));

            BadInputTests.AssertProblem(second, 503, "overloaded");
            Assert.Equal("5", second.Header("Retry-After"));
            Assert.Equal(200, waited.Status);
        }

        // The slot is free again once the service has noticed that the listener left.
        while (app.Services.GetRequiredService<ListenerLimit>().TryAcquire() is not { } place)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ended);
    }

    [Fact]
    public async Task A_burst_above_the_bound_on_the_queue_gets_as_many_as_fit_and_503_for_the_rest()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:MaxQueued"] = "20" });
        app.Sandbox.Faults.Add(FaultKind.RunStuck, times: null);

        var answers = await Task.WhenAll(Enumerable.Range(1, 100)
            .Select(seed => app.GenerateAsync(Requests.Small(seed), ("Prefer", "respond-async"))));

        Assert.Equal(20, answers.Count(answer => answer.Status == 202));
        var refused = answers.Where(answer => answer.Status != 202).ToList();
        Assert.All(refused, answer => Assert.Equal((503, "overloaded", "5"), (answer.Status, answer.Code, answer.Header("Retry-After"))));
        Assert.Equal(20, (await app.GetAsync("/generations?limit=100"))["data"].GetArrayLength());
    }

    /// <summary>Found by fuzzing: Kestrel reports an overflow here instead of a bad request.</summary>
    [Theory]
    [InlineData("/generate", "application/json")]
    [InlineData("/uploads", "image/png")]
    public async Task A_chunk_longer_than_any_number_is_a_bad_request(string path, string contentType)
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await RawAsync(app,
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "9223372036854775808\r\n");

        Assert.Equal(400, answer.Status);
        Assert.Contains("urn:genapi:problem:", answer.Text, StringComparison.Ordinal);
    }

    private static async Task<Answer> RawAsync(GenApiApp app, string request)
    {
        using var connection = await RawConnection.OpenAsync(app.Address, Ended);
        await connection.SendAsync(Encoding.ASCII.GetBytes(request), Ended);
        return (await connection.ReadAsync(hasBody: true, leavesStreams: false, Ended))!;
    }
}
