using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Doors.Repeats;
using GenApi.Tests.Generations;

namespace GenApi.Tests.Cluster;

/// <summary>Tests that a repeated request finds its generation at any instance, and that one that was answered is a new one.</summary>
public sealed class RepeatsElsewhereTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repeat_joins_the_run_that_a_caller_of_another_instance_waits_for()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        var held = instances.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = instances[0].GenerateAsync(Requests.Unseeded(), Keys.AsAdmin);
        await held.Reached.WaitAsync(Ended);

        var repeat = await instances[1].GenerateAsync(Requests.Unseeded(), Keys.AsAdmin, Async);
        held.Release();
        var answer = await first;

        Assert.Equal((202, "GenApi; fwd=miss; collapsed; detail=repeat"), (repeat.Status, repeat.Header("Cache-Status")));
        Assert.Equal((200, repeat.Id), (answer.Status, answer.Id));
        Assert.Equal(1, instances.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_request_that_was_answered_is_a_new_one_at_every_instance()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);

        var ids = new List<string>();
        for (var turn = 0; turn < 6; turn++)
            ids.Add((await instances[turn % 2].GenerateAsync(Requests.Unseeded(), Keys.AsAdmin)).Id);

        Assert.Equal(6, ids.Distinct().Count());
        Assert.Equal(6, instances.Sandbox.Stats.Creations);
        Assert.Equal(0, await instances.Store.ExecuteAsync("""SELECT COUNT(*) FROM "Generations" WHERE "UnansweredAt" IS NOT NULL"""));
    }

    [Fact]
    public async Task A_failure_that_was_told_is_no_reason_to_join()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        instances.Sandbox.Faults.Add(FaultKind.RunFails);

        var failed = await instances[0].GenerateAsync(Requests.Unseeded(), Keys.AsAdmin);
        var again = await instances[1].GenerateAsync(Requests.Unseeded(), Keys.AsAdmin);

        Assert.NotEqual(200, failed.Status);
        Assert.Equal((200, "succeeded"), (again.Status, again.State));
        Assert.Equal(2, instances.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task The_repeat_of_a_caller_that_lost_its_connection_gets_the_image_at_another_instance()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        var id = await instances[1].LeaveAndEndAsync(Requests.Unseeded(), Keys.AsAdmin);

        var again = await instances[0].GenerateAsync(Requests.Unseeded(), Keys.AsAdmin);
        var another = await instances[1].GenerateAsync(Requests.Unseeded(), Keys.AsAdmin);

        // The break was a moment ago, so a second repeat gets it too, wherever the first one was answered.
        Assert.Equal((200, "succeeded", id), (again.Status, again.State, again.Id));
        Assert.Equal((200, id), (another.Status, another.Id));
        Assert.Equal(1, instances.Sandbox.Stats.Creations);
    }
}
