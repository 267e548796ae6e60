using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Doors.Repeats;

/// <summary>Tests what repeats get after a stop and after a crash.</summary>
public sealed class RepeatRestartTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    [Fact]
    public async Task A_mark_outlives_a_restart()
    {
        await using var app = await GenApiApp.StartAsync();
        var id = await app.LeaveAndEndAsync(Requests.Unseeded());
        await app.RestartAsync();

        Assert.Equal(id, (await app.GenerateAsync(Requests.Unseeded())).Id);
    }

    [Fact]
    public async Task What_was_answered_before_a_stop_is_not_repeated_after_it()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var open = await app.GenerateAsync(Requests.Unseeded(), Async);
        // The next creation must not be the one that is held.
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var ended = await app.GenerateAsync(Requests.Unseeded("an owl"));
        await app.RestartAsync();

        var first = await app.GenerateAsync(Requests.Unseeded(), Async);
        var second = await app.GenerateAsync(Requests.Unseeded("an owl"), Async);
        held.Release();

        Assert.NotEqual(open.Id, first.Id);
        Assert.NotEqual(ended.Id, second.Id);
    }

    // The lock file of one process says that it crashed. On a shared store each generation has its mark from the beginning.
    [Fact]
    [OnlyOnSqlite]
    public async Task After_a_crash_what_was_open_or_had_just_ended_counts_as_unanswered()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var open = await app.GenerateAsync(Requests.Unseeded(), Async);
        // The next creation must not be the one that is held.
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var ended = await app.GenerateAsync(Requests.Unseeded("an owl"));
        var old = await app.GenerateAsync(Requests.Unseeded("a cat"));
        await app.StopAsync();
        await Damage.ExecuteAsync(app, $"""
            UPDATE Generations SET CreatedAt = CreatedAt - {TimeSpan.TicksPerHour}, CompletedAt = CompletedAt - {TimeSpan.TicksPerHour}
            WHERE Prompt = 'a cat'
            """);
        Crash(app);
        await app.StartAgainAsync();

        var first = await app.GenerateAsync(Requests.Unseeded(), Async);
        var second = await app.GenerateAsync(Requests.Unseeded("an owl"));
        var third = await app.GenerateAsync(Requests.Unseeded("a cat"));
        held.Release();
        await Requests.EndedAsync(app, open.Id);

        Assert.Equal((open.Id, ended.Id), (first.Id, second.Id));
        Assert.NotEqual(old.Id, third.Id);
        // The start has written it down: the next one knows it too.
        Assert.Equal(2, await Damage.ExecuteAsync(app, "SELECT COUNT(*) FROM Generations WHERE UnansweredAt IS NOT NULL"));
    }

    /// <summary>Makes the lock file say what a killed process leaves there.</summary>
    private static void Crash(GenApiApp app)
    {
        var path = Path.Combine(app.DataDirectory, "genapi.lock");
        var text = File.ReadAllText(path);
        Assert.Contains(" closed ", text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(" closed ", " opened ", StringComparison.Ordinal));
    }
}
