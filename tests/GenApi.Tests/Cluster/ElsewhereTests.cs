using System.Diagnostics;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Postgres;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Persistence;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Cluster;

/// <summary>Tests that it does not matter which instance a caller reaches.</summary>
public sealed class ElsewhereTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>
    /// <c>bench/run.sh cluster</c> measures the 95th percentile. On a busy machine a test bounds only what polling would cost.
    /// </summary>
    [Fact]
    public async Task Who_waits_at_another_instance_hears_of_the_end_at_once()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        var late = new List<double>();
        for (var seed = 1; seed <= 10; seed++)
        {
            var held = instances.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
            var made = await instances[0].GenerateAsync(Requests.Small(seed), Keys.AsAdmin, ("Prefer", "respond-async"));
            await held.Reached.WaitAsync(Ended);
            var waiting = await Task.WhenAll(instances.All.Select(app => ReadAsync(app, made.Id)));
            Assert.All(waiting, answer => Assert.Equal(200, answer.Status));
            var both = instances.All.Select(app => EndAsync(app, made.Id)).ToArray();
            held.Release();
            var ends = await Task.WhenAll(both);
            late.Add(Stopwatch.GetElapsedTime(ends.Min(), ends.Max()).TotalMilliseconds);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"apart: {string.Join(", ", late.Order().Select(each => $"{each:0} ms"))}");
        Assert.InRange(late.Order().ElementAt(late.Count / 2), 0, 600);
    }

    [Fact]
    public async Task An_instance_announces_what_it_commits()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        using var source = new PostgresSource(Options.Create(new DatabaseOptions
        {
            Provider = "postgres",
            ConnectionString = instances.Store.ConnectionString(null),
        }));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        var (woken, listening) = (new SemaphoreSlim(0), new TaskCompletionSource());
        var loop = new PostgresNotifications(source).ListenAsync(() => woken.Release(), () => listening.TrySetResult(), end.Token);
        await listening.Task.WaitAsync(TimeSpan.FromSeconds(20), Ended);
        // The listener tries itself first.
        Assert.True(await woken.WaitAsync(TimeSpan.FromSeconds(20), Ended));
        while (await woken.WaitAsync(TimeSpan.Zero, Ended))
        {
        }

        Assert.Equal(200, (await instances[0].GenerateAsync(Requests.Small(1), Keys.AsAdmin)).Status);

        Assert.True(await woken.WaitAsync(TimeSpan.FromSeconds(20), Ended));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
    }

    /// <summary>Behind a pooler no instance is notified of changes; each reads them twice a second.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_that_was_just_made_or_rotated_is_good_at_every_instance(bool isPooled)
    {
        Instances.Require(isPooled);
        var port = isPooled ? await (await PostgresServer.SharedAsync()).PoolerAsync() : (int?)null;
        await using var instances = await Instances.StartAsync(2, port: port);
        for (var round = 0; round < 10; round++)
        {
            var made = await instances[0].MakeAsync($"shop {round}");
            Assert.Equal(200, (await instances[1].GetAsync("/accounts/me", Keys.Of(made.Secret))).Status);
            var rotated = await instances[1].PostAsync($"/accounts/keys/{made.Id}/rotate", null, Keys.AsAdmin);
            Assert.Equal(200, (await instances[0].GetAsync("/accounts/me", Keys.Of(rotated["secret"].GetString()!))).Status);
        }
        // Its check characters are right, and nobody has made it.
        var strange = await instances[1].GetAsync("/accounts/me", Keys.Of(GenApi.Core.Accounts.KeySecret.Make()));
        Assert.Equal((401, "unauthenticated"), (strange.Status, strange.Code));
        Assert.Contains("invalid_token", strange.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_an_event_stream_and_an_image_work_on_whichever_instance_they_reach()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(3);
        var held = instances.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = await instances[0].GenerateAsync(Requests.Small(1), Keys.AsAdmin, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        Assert.Equal(202, (await instances[1].PostAsync($"/generations/{first.Id}/cancel", null, Keys.AsAdmin)).Status);

        var seen = await instances[2].GetAsync($"/generations/{first.Id}", Keys.AsAdmin, ("Prefer", "wait=10"));
        Assert.Equal("canceled", seen.State);

        var made = await instances[0].GenerateAsync(Requests.Small(2), Keys.AsAdmin);
        Assert.Equal(200, (await instances[1].GetAsync(made.ImageUrl().PathAndQuery, Keys.AsAdmin)).Status);
        Assert.Equal("GenApi; hit", (await instances[2].GenerateAsync(Requests.Small(2), Keys.AsAdmin)).Header("Cache-Status"));
        // It is in the memory of all three now, and must leave it.
        foreach (var app in instances.All)
            Assert.Equal(200, (await app.GetAsync($"/generations/{made.Id}", Keys.AsAdmin)).Status);
        Assert.Equal(204, (await instances[1].DeleteAsync($"/generations/{made.Id}", Keys.AsAdmin)).Status);
        foreach (var app in instances.All)
        {
            await UntilAsync(TimeSpan.FromSeconds(1), async () =>
                (await app.GetAsync($"/generations/{made.Id}", Keys.AsAdmin)).Status == 404
                && (await app.GetAsync(made.ImageUrl().PathAndQuery, Keys.AsAdmin)).Status == 404);
        }
        var again = await instances[2].GenerateAsync(Requests.Small(2), Keys.AsAdmin);
        Assert.Equal("GenApi; fwd=miss; stored", again.Header("Cache-Status"));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_everywhere_within_a_second_whoever_else_changes_keys()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(3);
        var (id, secret) = await instances[0].MakeAsync("shop");
        foreach (var app in instances.All)
            await UntilAsync(TimeSpan.FromSeconds(1), async () => (await app.GetAsync("/accounts/me", Keys.Of(secret))).Status == 200);

        Assert.Equal(204, (await instances[1].DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin)).Status);
        // An instance that writes keys itself must still learn of the others' writes.
        await instances[2].MakeAsync("other");

        foreach (var app in instances.All)
            await UntilAsync(TimeSpan.FromSeconds(1), async () => (await app.GetAsync("/accounts/me", Keys.Of(secret))).Status == 401);
    }

    /// <summary>A busy machine gets twice the time.</summary>
    private static async Task UntilAsync(TimeSpan atMost, Func<Task<bool>> condition)
    {
        for (var since = Stopwatch.GetTimestamp(); !await condition();)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < 2 * atMost, "It took too long.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ended);
        }
    }

    private static Task<Answer> ReadAsync(GenApiApp app, string id) => app.GetAsync($"/generations/{id}", Keys.AsAdmin);

    private static async Task<long> EndAsync(GenApiApp app, string id)
    {
        var seen = await app.GetAsync($"/generations/{id}", Keys.AsAdmin, ("Prefer", "wait=30"));
        var at = Stopwatch.GetTimestamp();
        Assert.Equal("succeeded", seen.State);
        return at;
    }
}
