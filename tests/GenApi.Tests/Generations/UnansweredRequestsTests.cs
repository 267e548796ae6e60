using GenApi.Core.Generations;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Persistence.Database;

namespace GenApi.Tests.Generations;

/// <summary>Tests which generations count as awaited and as unanswered, and when an equal request repeats one.</summary>
public sealed class UnansweredRequestsTests : IClassFixture<CoreRig>
{
    private readonly CoreRig _rig;
    private readonly UnansweredRequests _unanswered;

    public UnansweredRequestsTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
        _unanswered = rig.Get<UnansweredRequests>();
    }

    [Theory]
    [InlineData(AnswerEnd.Written, false, false)]
    [InlineData(AnswerEnd.Written, true, false)]
    [InlineData(AnswerEnd.Broken, false, true)]
    [InlineData(AnswerEnd.Broken, true, true)]
    [InlineData(AnswerEnd.Refused, false, true)]
    // Who was told of the failure has its answer.
    [InlineData(AnswerEnd.Refused, true, false)]
    public async Task The_end_of_an_answer_decides_whether_the_row_is_marked(AnswerEnd end, bool hasFailed, bool isMarked)
    {
        var (row, answer) = (await AddAsync(hasFailed), new PendingAnswer());
        Assert.True(_unanswered.TryBegin(answer, row.Id));
        Assert.Equal((true, null), _unanswered.Of(row));

        await _unanswered.EndAsync(answer, end);

        var after = (await _rig.ReadAsync(row.Id))!;
        Assert.Equal(isMarked ? _rig.Now : null, after.UnansweredAt);
        // No caller sees the mark, so no event and no tag may come of it.
        Assert.Equal(row.Revision, after.Revision);
        Assert.Equal((false, after.UnansweredAt), _unanswered.Of(after));
    }

    [Fact]
    public async Task A_generation_is_awaited_until_the_last_of_its_callers_has_left()
    {
        var (row, first, second) = (await AddAsync(), new PendingAnswer(), new PendingAnswer());
        _unanswered.TryBegin(first, row.Id);
        _unanswered.TryBegin(second, row.Id);

        await _unanswered.EndAsync(first, AnswerEnd.Written);
        Assert.True(_unanswered.Of(row).IsAwaited);

        await _unanswered.EndAsync(second, AnswerEnd.Broken);
        Assert.Equal((false, _rig.Now), _unanswered.Of((await _rig.ReadAsync(row.Id))!));
    }

    [Fact]
    public async Task A_caller_that_has_left_before_its_row_is_made_waits_for_nothing()
    {
        var (row, answer) = (await AddAsync(), new PendingAnswer());
        await _unanswered.EndAsync(answer, AnswerEnd.Broken);

        Assert.False(_unanswered.TryBegin(answer, row.Id));
        Assert.Equal((false, null), _unanswered.Of(row));
    }

    [Fact]
    public async Task An_answer_that_was_cut_after_all_is_marked()
    {
        var (row, answer) = (await AddAsync(), new PendingAnswer());
        _unanswered.TryBegin(answer, row.Id);
        await _unanswered.EndAsync(answer, AnswerEnd.Written);

        await _unanswered.CutAsync(answer);

        Assert.Equal(_rig.Now, (await _rig.ReadAsync(row.Id))!.UnansweredAt);
    }

    [Fact]
    public async Task A_mark_that_cannot_be_written_holds_in_memory_and_is_written_with_the_next_one()
    {
        var (row, other) = (await AddAsync(), await AddAsync());
        var stopped = _rig.Make<DatabaseWriter>();
        await stopped.DisposeAsync();
        var unanswered = _rig.Make<UnansweredRequests>(stopped);
        var answer = new PendingAnswer();
        unanswered.TryBegin(answer, row.Id);

        await unanswered.EndAsync(answer, AnswerEnd.Broken);

        Assert.Equal((false, _rig.Now), unanswered.Of(row));
        Assert.Null((await _rig.ReadAsync(row.Id))!.UnansweredAt);
        Assert.Equal((false, null), unanswered.Of(other));
    }

    [Theory]
    // How long ago it ended (null: it runs) and was marked, and what else holds.
    [InlineData(null, null, "", false)]
    [InlineData(null, null, "awaited", true)]
    [InlineData(null, 1, "", true)]
    [InlineData(null, 60, "", true)]
    [InlineData(1, null, "", false)]
    [InlineData(1, null, "awaited", true)]
    [InlineData(14, 14, "", true)]
    [InlineData(14, 15, "", false)]
    [InlineData(20, 14, "", true)]
    [InlineData(1, 1, "canceled", false)]
    [InlineData(null, null, "awaited canceled", false)]
    [InlineData(1, 1, "lost", false)]
    [InlineData(null, null, "marked", true)]
    [InlineData(14, null, "marked", true)]
    [InlineData(15, null, "marked", false)]
    [InlineData(20, 14, "marked", true)]
    [InlineData(1, null, "marked canceled", true)]
    [InlineData(1, null, "marked lost", false)]
    public void An_equal_request_repeats_what_was_not_answered_for_as_long_as_the_window(
        int? endedMinutesAgo, int? unansweredMinutesAgo, string also, bool isRepeat)
    {
        var now = _rig.Now;
        var row = Generation.Accept(New(), now.AddHours(-2));
        if (also.Contains("canceled", StringComparison.Ordinal))
            row.RequestCancel(now);
        if (endedMinutesAgo is { } ended)
            row.MarkCanceled(now.AddMinutes(-ended));

        var earlier = new EarlierRun(new(row, []))
        {
            IsMarked = also.Contains("marked", StringComparison.Ordinal),
            IsAwaited = also.Contains("awaited", StringComparison.Ordinal),
            UnansweredAt = unansweredMinutesAgo is { } minutes ? now.AddMinutes(-minutes) : null,
            HasItsOutputs = !also.Contains("lost", StringComparison.Ordinal),
            Since = now - _rig.Get<RepeatWindow>().Length,
        };

        Assert.Equal(isRepeat, earlier.IsRepeated);
        var decision = IntakeDecision.Of(new() { Earlier = earlier });
        Assert.Equal(isRepeat, decision is IntakeDecision.Existing { IsRepetition: true, IsRepeat: true });
    }

    private NewGeneration New() =>
        new("owner/name", null, "replicate", "a fox", "{}", null, 1, "{}", "key", "reuse", null, 1, null)
        {
            Fingerprint = Guid.CreateVersion7(_rig.Now),
        };

    private async Task<Generation> AddAsync(bool hasFailed = false)
    {
        var row = Generation.Accept(New(), _rig.Now);
        if (hasFailed)
            row.MarkFailed(GenApi.Core.Errors.ErrorKind.UpstreamFailed, "It failed.", _rig.Now);
        return await _rig.AddAsync(row);
    }
}
