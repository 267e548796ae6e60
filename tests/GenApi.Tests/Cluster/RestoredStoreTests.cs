using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Persistence;

namespace GenApi.Tests.Cluster;

/// <summary>
/// Tests a start on a database that was restored from a copy. The generations that wait in the copy may have been paid for since.
/// </summary>
public sealed class RestoredStoreTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Replicate:MaxInFlight"] = "1",
        ["Generations:SettleSeconds"] = "0.5",
        ["Logging:LogLevel:Default"] = "Warning",
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_waited_in_the_copy_is_looked_for_and_not_sent_again()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var server = await PostgresServer.SharedAsync();
        await using var store = await TestStore.OnPostgresAsync("", isS3: false);
        await using var app = await GenApiApp.StartOnAsync(store, null, Settings);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var waiting = await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));
        await app.StopAsync();
        await store.CutAsync();
        var copy = await server.CreateDatabaseAsync(template: store.Database);

        // The service goes on: the second run is sent and paid for, which the copy does not know.
        await app.StartAgainAsync();
        held.Release();
        await Requests.EndedAsync(app, waiting.Id);
        await app.RestartAsync(new() { ["Database:ConnectionString"] = server.ConnectionString(copy) });

        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, running.Id));
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, waiting.Id));
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        Assert.Contains(app.Logs, line => line.Contains("was restored from a copy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dump_is_recognised_in_the_same_database_and_what_waits_in_it_is_not_sent_at_once()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        const string Unconfirmed =
            "SELECT count(*) FROM Generations WHERE CompletedAt IS NULL AND PredictionId IS NULL AND SubmittingAt IS NOT NULL";
        await using var store = await TestStore.OnPostgresAsync("", isS3: false);
        await using var app = await GenApiApp.StartOnAsync(store, null, Settings);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));
        await app.RestartAsync();
        Assert.Equal(0, await store.ExecuteAsync(Unconfirmed));
        await app.StopAsync();
        // pg_restore writes every row in a transaction of its own.
        await store.ExecuteAsync("UPDATE StoreIdentity SET Server = Server");

        await app.StartAgainAsync();

        while (await store.ExecuteAsync(Unconfirmed) == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Contains(app.Logs, line => line.Contains("was restored from a copy", StringComparison.Ordinal));
    }
}
