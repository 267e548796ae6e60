using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Recovery;
using GenApi.Core.Models;

namespace GenApi.Tests.Generations;

/// <summary>Tests what a search leads to: a claim, another search, another creation or an end.</summary>
public sealed class OrphanSearchTests : IClassFixture<CoreRig>
{
    private const double FirstPause = 0.25;

    private readonly CoreRig _rig;
    private readonly UpstreamList _list;
    private readonly OrphanSearch _search;
    private readonly string _prompt = Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString();

    public OrphanSearchTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
        _list = new UpstreamList(rig);
        _list.Serve();
        _search = rig.Get<OrphanSearch>();
    }

    [Theory]
    // Since the sending, how long until the next search. Ten seconds after it nothing is left to be found.
    [InlineData(0, FirstPause)]
    [InlineData(9.7, FirstPause)]
    [InlineData(9.75, FirstPause)]
    [InlineData(9.9, 0.1)]
    public async Task Until_the_settling_time_it_searches_again(double seconds, double pause)
    {
        var run = await SentAsync();
        Pass(seconds);

        Assert.Equal(pause, await AdvanceAsync(run), 0.0001);
        Assert.True(run.Generation.IsUncertain);
    }

    [Fact]
    public async Task Pauses_double_and_end_at_five_seconds_or_the_settling_time()
    {
        var run = await SentAsync();
        var pauses = new List<double>();
        while (run.Generation.IsUncertain)
        {
            pauses.Add(await AdvanceAsync(run));
            Pass(pauses[^1]);
        }

        Assert.Equal([0.25, 0.5, 1, 2, 4, 2.25, 0], pauses);
        Assert.Equal((GenerationStatus.Queued, 1, 0), (run.Generation.Status, run.Generation.Attempts, run.Failures));
        Assert.Equal((false, null), (run.Generation.WasSent, (await _rig.ReadAsync(run.Generation.Id))!.SubmittingAt));
    }

    [Fact]
    public async Task One_that_an_earlier_process_sent_is_searched_for_since_it_was_claimed()
    {
        var run = await SentAsync(isOfAnEarlierProcess: true);
        Pass(9.9);
        Assert.Equal(0.1, await AdvanceAsync(run), 0.0001);

        Pass(0.1);
        Assert.Equal(0, await AdvanceAsync(run));

        Assert.False(run.Generation.WasSent);
    }

    [Theory]
    // When this process sent it by its own clock; where the list is entered.
    [InlineData(null, -30)]
    [InlineData(0.0, -30)]
    [InlineData(-4.0, -34)]
    [InlineData(4.0, -30)]
    public async Task The_list_is_entered_where_it_was_sent_or_written_down_whichever_was_earlier(double? sentAt, double after)
    {
        var run = await SentAsync();
        run.SentAt = sentAt is { } at ? _list.Beginning.AddSeconds(at) : null;

        await AdvanceAsync(run);

        Assert.Equal((after, after + 90), _list.Asked[0]);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task The_third_creation_that_made_nothing_is_the_last(int before, bool goesOn)
    {
        var run = await SentAsync(before);
        Pass(10);

        Assert.Equal(0, await AdvanceAsync(run));

        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal(goesOn ? GenerationStatus.Queued : GenerationStatus.Failed, row.Status);
        Assert.False(row.WasSent);
        if (goesOn)
            return;
        Assert.Equal(("upstream_unavailable", "The upstream did not accept the request."), (row.ErrorCode, row.ErrorMessage));
        // Surely nothing was made.
        Assert.Equal(0, row.CostMicros);
    }

    [Fact]
    public async Task Its_error_is_the_one_that_came_in_place_of_the_answer()
    {
        var run = await SentAsync(attempts: 2);
        run.UnconfirmedError = new(ErrorKind.UpstreamBadAnswer, "The upstream's answer can't be read.");
        Pass(10);

        await AdvanceAsync(run);

        Assert.Equal(
            ("upstream_bad_answer", "The upstream's answer can't be read."), (run.Generation.ErrorCode, run.Generation.ErrorMessage));
    }

    [Fact]
    public async Task A_canceled_one_that_made_nothing_goes_back_to_be_canceled_however_often_it_was_sent()
    {
        var run = await SentAsync(attempts: 2);
        await _rig.EditAsync(run.Generation, row => row.RequestCancel(_rig.Now));
        run.Generation = (await _rig.ReadAsync(run.Generation.Id))!;
        Pass(10);

        Assert.Equal(0, await AdvanceAsync(run));

        Assert.Equal((GenerationStatus.Queued, false), (run.Generation.Status, run.Generation.WasSent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_that_can_not_be_read_says_nothing_until_the_deadline(bool isCanceled)
    {
        var run = await SentAsync();
        if (isCanceled)
        {
            await _rig.EditAsync(run.Generation, row => row.RequestCancel(_rig.Now));
            run.Generation = (await _rig.ReadAsync(run.Generation.Id))!;
        }
        _rig.Answer("GET /v1/predictions", "[");
        Pass(100);
        Assert.Equal(FirstPause, await AdvanceAsync(run));
        Assert.Equal(2 * FirstPause, await AdvanceAsync(run));
        Assert.True(run.Generation.IsUncertain);
        Pass((run.Deadline!.Value - _rig.Now).TotalSeconds - 0.001);
        Assert.NotEqual(0, await AdvanceAsync(run));

        Pass(0.001);
        Assert.Equal(0, await AdvanceAsync(run));

        var row = run.Generation;
        Assert.Equal(isCanceled ? GenerationStatus.Canceled : GenerationStatus.Failed, row.Status);
        Assert.Equal(isCanceled ? null : "upstream_timeout", row.ErrorCode);
        // It may have run to its end, and it stays known as sent.
        Assert.Equal((40_000, true), (row.CostMicros, row.WasSent));
    }

    [Fact]
    public async Task What_may_be_anothers_is_looked_at_again_until_the_deadline_and_never_sent_again()
    {
        var (first, second) = (await SentAsync(), await SentAsync());
        _list.Add("p1", first.Generation, 1);
        Pass(9.9);
        // Before the settling time the next search is due when that is over.
        Assert.Equal(0.1, await AdvanceAsync(second), 0.0001);
        Pass(0.1);
        Assert.Equal(0.5, await AdvanceAsync(second));
        Assert.True(second.Generation.IsUncertain);

        Pass((second.Deadline!.Value - _rig.Now).TotalSeconds);
        Assert.Equal(0, await AdvanceAsync(second));

        var row = second.Generation;
        Assert.Equal(("upstream_timeout", 40_000, 1), (row.ErrorCode, row.CostMicros, row.Attempts));
    }

    [Theory]
    [InlineData("processing", true)]
    [InlineData("processing", false)]
    [InlineData("succeeded", true)]
    public async Task What_is_found_is_claimed_and_only_what_is_marked_is_surely_ours(string status, bool isMarked)
    {
        var run = await SentAsync();
        run.Failures = 3;
        var id = $"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}";
        _list.Add(id, run.Generation, 1, isMarked ? run.Generation.CancelAfterSeconds : null, status: status);
        Pass(2);

        Assert.Equal(0, await AdvanceAsync(run));

        var row = (await _rig.ReadAsync(run.Generation.Id))!;
        Assert.Equal((GenerationStatus.Starting, id, _rig.Now), (row.Status, row.PredictionId, row.AcceptedAt));
        Assert.Equal((0, !isMarked), (run.Failures, run.MayBeOthers));
        Assert.Equal(status == "succeeded" ? id : null, run.FreshPrediction?.Id);
    }

    [Fact]
    public async Task What_another_generation_claims_in_the_same_moment_is_left_to_it()
    {
        var (run, other) = (await SentAsync(), await SentAsync());
        var id = $"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}";
        _list.Add(id, run.Generation, 1);
        var answer = _rig.Routes[$"GET /v1/predictions/{id}"];
        _rig.Routes[$"GET /v1/predictions/{id}"] = async context =>
        {
            await _rig.EditAsync(other.Generation, row => row.MarkAccepted(id, _rig.Now));
            await answer(context);
        };

        Assert.Equal(FirstPause, await AdvanceAsync(run));

        Assert.True(run.Generation.IsUncertain);
        Assert.True((await _rig.ReadAsync(run.Generation.Id))!.IsUncertain);
    }

    private async Task<GenerationRun> SentAsync(int attempts = 0, bool isOfAnEarlierProcess = false)
    {
        var estimate = new CostEstimate(new ModelPrice { PerImage = 0.01m }, 0.01m, 0.04m);
        var row = Generation.Accept(CoreRig.New(_prompt, JsonSerializer.Serialize(new { prompt = _prompt }), estimate: estimate), _rig.Now);
        row.Claim(_rig.Get<GenerationLeases>().Next());
        for (var attempt = 0; attempt <= attempts; attempt++)
        {
            if (attempt > 0)
                row.MarkNotSubmitted();
            row.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
        }
        await _rig.AddAsync(row);
        if (isOfAnEarlierProcess)
            Pass(5);
        var run = _rig.RunOf(row, isOfAnEarlierProcess);
        run.SentAt = isOfAnEarlierProcess ? null : _rig.Now;
        return run;
    }

    private async Task<double> AdvanceAsync(GenerationRun run) => (await _search.AdvanceAsync(run, CoreRig.Stop)).TotalSeconds;

    private void Pass(double seconds) => _rig.Time.Advance(TimeSpan.FromSeconds(seconds));
}
