using System.Diagnostics;
using System.Text;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Doors.Repeats;

/// <summary>Callers that leave before they have their answer.</summary>
internal static class LeavingCallers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>Sends POST /generate, holds its run, and leaves.</summary>
    /// <returns>The held run, and the id of the generation.</returns>
    public static async Task<(Fault Held, string Id)> LeaveAsync(
        this GenApiApp app, object body, params (string Name, string Value)[] headers)
    {
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/generate") { Content = Json(body) };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var answer = app.Client.SendAsync(request, leaving.Token);
        await held.Reached.WaitAsync(Ended);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        var list = await app.GetAsync("/generations?limit=1", headers);
        return (held, list["data"][0].GetProperty("id").GetString()!);
    }

    /// <summary>The same, and the run ends after the caller has left.</summary>
    public static async Task<string> LeaveAndEndAsync(this GenApiApp app, object body, params (string Name, string Value)[] headers)
    {
        var (held, id) = await app.LeaveAsync(body, headers);
        await app.UntilUnansweredAsync();
        held.Release();
        while ((await app.GetAsync($"/generations/{id}", [("Prefer", "wait=5"), .. headers])).State is not ("succeeded" or "failed"))
            Ended.ThrowIfCancellationRequested();
        return id;
    }

    /// <summary>Sends POST /generate, lets it end, and resets the connection with the answer unread.</summary>
    public static async Task CutAsync(this GenApiApp app, object body)
    {
        using (var connection = await RawConnection.OpenAsync(app.Address, Ended))
        {
            var text = JsonSerializer.Serialize(body);
            var head = $"POST /generate HTTP/1.1\r\nHost: {app.Address.Authority}\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {text.Length}\r\n\r\n";
            await connection.SendAsync(Encoding.ASCII.GetBytes(head + text), Ended);
            await connection.UntilAnsweredAsync(Ended);
            // A close alone may end the connection in order first, and the server then closes its side before the reset comes.
            connection.Reset();
        }
        await app.UntilUnansweredAsync();
    }

    /// <summary>Waits until a generation is marked as unanswered.</summary>
    public static async Task UntilUnansweredAsync(this GenApiApp app)
    {
        for (var since = Stopwatch.GetTimestamp();
            await Damage.ExecuteAsync(app, "SELECT COUNT(*) FROM Generations WHERE UnansweredAt IS NOT NULL") == 0;)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, "No generation was marked.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ended);
        }
    }

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
}
