using GenApi.Core.Models.Timings;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Cluster;

/// <summary>Tests the statistics of models that several instances write.</summary>
public sealed class StatisticsElsewhereTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_instance_keeps_the_runs_that_others_have_added()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        var (here, there) = (TimesOf(instances[0]), TimesOf(instances[1]));
        // Both begin with what is there: nothing.
        await here.HistoryAsync("made/up", null, Ended);
        await there.HistoryAsync("made/up", null, Ended);

        // The other one's rows, then so many of its own that it tidies up.
        await AddAsync(instances, 90);
        var own = await AddAsync(instances, 2 * RunHistory.Remembered);
        foreach (var run in own)
            await here.RememberAsync(run, Ended);

        // The newest hundred of all, and not those that this instance knew.
        var kept = await instances.Store.QueryAsync("""SELECT "Number" FROM "ModelRuns" WHERE "Model" = 'made/up' ORDER BY "Number" """);
        Assert.Equal(own.TakeLast(RunHistory.Remembered).Select(run => $"{run.Number}"), kept);
        var late = await AddAsync(instances, 150);
        await here.RememberAsync(own[^1], Ended);
        Assert.Equal(250, await instances.Store.ExecuteAsync("""SELECT COUNT(*) FROM "ModelRuns" WHERE "Model" = 'made/up' """));
        Assert.Equal(150, late.Count);
    }

    private static ModelTimes TimesOf(GenApiApp app) => app.Services.GetRequiredService<ModelTimes>();

    private static async Task<List<ModelRun>> AddAsync(Instances instances, int count)
    {
        var runs = Enumerable.Range(0, count).Select(_ => new ModelRun
        {
            Upstream = "sandbox",
            Model = "made/up",
            Version = "",
            EndedAt = TimeProvider.System.GetUtcNow(),
            StartingSeconds = 0.1,
            PredictSeconds = 1,
            TookSeconds = 1,
            Work = 1,
            IsCold = false,
            IdleSeconds = null,
        }).ToList();
        await instances[1].Services.GetRequiredService<GenApi.Core.Persistence.Database.DatabaseWriter>().WriteAsync((db, token) =>
        {
            db.AddRange(runs);
            return db.SaveChangesAsync(token);
        }, Ended);
        return runs;
    }
}
