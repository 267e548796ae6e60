using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Tests.Generations;

/// <summary>Tests what each transition writes and clears, and that it refuses a row to which it does not belong.</summary>
public sealed class TransitionTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private static readonly Ran Complete = new(PredictionStatus.Succeeded, 3, 5, At.AddSeconds(2), 2, true);

    [Fact]
    public void An_intent_has_the_upstreams_time_our_deadline_and_the_time_that_is_asked_for()
    {
        var row = Queued();

        row.MarkSubmitting(At, At.AddHours(1), Longest);

        var allowed = RunLimit.Of(row.Id, Longest);
        Assert.Equal(
            (At.AddHours(1), At + allowed, (int)allowed.TotalSeconds, 1),
            (row.SubmittingAt, row.DeadlineAt, row.CancelAfterSeconds, row.Attempts));
        Assert.True(row.IsUncertain && row.WasSent);
        Refused(() => row.MarkSubmitting(At, At, Longest));
        Refused(() => Starting().MarkSubmitting(At, At, Longest));
    }

    [Fact]
    public void A_creation_that_was_not_made_leaves_nothing_but_the_attempt()
    {
        var row = Sent();
        row.MarkNotSubmitted();

        Assert.Equal((GenerationStatus.Queued, null, null, 1), (row.Status, row.SubmittingAt, row.DeadlineAt, row.Attempts));
        Assert.False(row.WasSent);
        Refused(row.MarkNotSubmitted);
        Refused(Starting().MarkNotSubmitted);
    }

    [Fact]
    public void What_a_sandbox_has_forgotten_waits_as_if_it_had_never_run()
    {
        var row = Starting(ReplicateUpstream.SandboxName);
        row.Observe(true, At.AddSeconds(1), true, null, null);

        row.MarkNotSubmitted();

        Assert.Equal((GenerationStatus.Queued, null, null), (row.Status, row.SubmittingAt, row.DeadlineAt));
        Assert.Equal((null, null, null, null), (row.PredictionId, row.AcceptedAt, row.StartedAt, row.IsColdStart));
        Refused(Storing(ReplicateUpstream.SandboxName).MarkNotSubmitted);
    }

    [Fact]
    public void What_is_put_back_has_no_attempt_and_no_lease()
    {
        var row = Sent();
        row.Claim(Lease.For("me", At));

        row.PutBack();

        Assert.Equal((GenerationStatus.Queued, 0, null, new Lease(null, null, 1)), (row.Status, row.Attempts, row.SubmittingAt, row.Lease));
    }

    [Fact]
    public void A_run_with_an_early_end_keeps_it_when_it_is_sent_again()
    {
        var row = Generation.Accept(CoreRig.New("a fox") with { FlightKey = null, CancelAfter = TimeSpan.FromMinutes(2) }, At);
        var usual = Generation.Accept(CoreRig.New("a fox") with { FlightKey = null }, At);
        Assert.Equal((true, false), (row.EndsEarly(Longest), usual.EndsEarly(Longest)));
        row.MarkSubmitting(At, At, Longest);
        usual.MarkSubmitting(At, At, Longest);
        var limit = row.CancelAfterSeconds!.Value;
        Assert.InRange(limit, 100, 120);

        row.PutBack();
        usual.PutBack();
        Assert.Equal((true, false), (row.EndsEarly(Longest), usual.EndsEarly(Longest)));

        row.MarkSubmitting(At.AddSeconds(30), At, Longest);
        usual.MarkSubmitting(At.AddSeconds(30), At, Longest);
        Assert.Equal((limit, At.AddSeconds(30 + limit)), (row.CancelAfterSeconds, row.DeadlineAt));
        Assert.Equal(At.AddSeconds(30) + RunLimit.Of(usual.Id, Longest), usual.DeadlineAt);
        Assert.Equal((true, false), (row.EndsEarly(Longest), usual.EndsEarly(Longest)));
    }

    [Fact]
    public void An_answer_belongs_to_a_creation_that_was_sent()
    {
        var row = Sent();

        row.MarkAccepted("p", At.AddSeconds(9));

        Assert.Equal((GenerationStatus.Starting, "p", At.AddSeconds(9)), (row.Status, row.PredictionId, row.AcceptedAt));
        Refused(() => row.MarkAccepted("q", At));
        Refused(() => Queued().MarkAccepted("q", At));
    }

    [Fact]
    public void A_prediction_that_a_webhook_names_fills_what_the_search_had_cleared_and_keeps_what_is_known()
    {
        var (sent, givenUp) = (Sent(), Sent());
        givenUp.MarkNotSubmitted();

        sent.MarkFound("p", At.AddMinutes(3), Longest);
        givenUp.MarkFound("p", At.AddMinutes(3), Longest);

        Assert.Equal((GenerationStatus.Starting, At), (sent.Status, sent.SubmittingAt));
        Assert.Equal(At + RunLimit.Of(sent.Id, Longest), sent.DeadlineAt);
        Assert.Equal((At.AddMinutes(3), At.AddMinutes(3) + Longest), (givenUp.SubmittingAt, givenUp.DeadlineAt));
        Assert.Equal((GenerationStatus.Starting, "p", At.AddMinutes(3)), (givenUp.Status, givenUp.PredictionId, givenUp.AcceptedAt));
        Refused(() => Queued().MarkFound("p", At, Longest));
        Refused(() => sent.MarkFound("q", At, Longest));
    }

    [Fact]
    public void A_run_that_has_ended_lists_its_files_and_everything_that_was_measured()
    {
        var row = Starting();
        row.Observe(true, null, null, "a", (3, 4));

        row.MarkStoring(Files(1, "a text"), "the log", Complete, At.AddSeconds(8));

        Assert.Equal((GenerationStatus.Storing, "the log", 4, 4), (row.Status, row.Logs, row.ProgressCurrent, row.ProgressTotal));
        Assert.Equal(["https://replicate.delivery/0.png"], JsonSerializer.Deserialize<string[]>(row.Outputs!)!);
        Assert.Contains("a text", row.Output, StringComparison.Ordinal);
        // The upstream counts two images, although it delivered one.
        Assert.Equal((At.AddSeconds(8), 2, 2), (row.StoringAt, row.OutputCount, row.CountedImages));
        Assert.Equal((3.0, 5.0, PredictionStatus.Succeeded), (row.PredictSeconds, row.UpstreamSeconds, row.UpstreamEnding));
        Assert.Equal((At.AddSeconds(2), true), (row.StartedAt, row.IsColdStart));
        Refused(() => row.MarkStoring(OutputContent.None, null, default, At));
        Refused(() => Sent().MarkStoring(OutputContent.None, null, default, At));
    }

    [Fact]
    public void A_run_without_progress_shows_none_and_its_files_count()
    {
        var row = Starting();

        row.MarkStoring(Files(3), null, default, At);

        Assert.Equal((null, null, 3, null), (row.ProgressCurrent, row.ProgressTotal, row.OutputCount, row.CountedImages));
    }

    [Fact]
    public void What_was_measured_stays_where_a_later_report_says_nothing_and_yields_where_it_does()
    {
        var (silent, other) = (Storing(), Storing());

        silent.MarkFailed(ErrorKind.DownloadFailed, "Gone.", At);
        other.MarkCanceled(At, "log", new Ran(PredictionStatus.Canceled, 7, 9, At.AddSeconds(30), 4, false));

        Assert.Equal((3.0, 5.0), (silent.PredictSeconds, silent.UpstreamSeconds));
        Assert.Equal((PredictionStatus.Succeeded, 2), (silent.UpstreamEnding, silent.CountedImages));
        Assert.Equal((7.0, 9.0), (other.PredictSeconds, other.UpstreamSeconds));
        Assert.Equal((PredictionStatus.Canceled, 4), (other.UpstreamEnding, other.CountedImages));
        Assert.Equal((4, "log"), (other.OutputCount, other.Logs));
        // A start does not move.
        Assert.Equal((At.AddSeconds(2), true), (other.StartedAt, other.IsColdStart));
    }

    [Fact]
    public void A_fault_while_storing_is_shown_until_the_end_and_only_a_failure_keeps_it()
    {
        var fault = new GenApiException(ErrorKind.DownloadFailed, "Not yet.");
        var (made, failed, canceled) = (Storing(), Storing(), Storing());
        foreach (var row in new[] { made, failed, canceled })
        {
            row.NoteFault(fault);
            Assert.Equal(("download_failed", "Not yet.", GenerationStatus.Storing), (row.ErrorCode, row.ErrorMessage, row.Status));
        }

        made.MarkSucceeded(At, null);
        failed.MarkFailed(ErrorKind.UnusableOutput, "Never.", At);
        canceled.MarkCanceled(At);

        Assert.Equal((null, null), (made.ErrorCode, made.ErrorMessage));
        Assert.Equal(("unusable_output", "Never."), (failed.ErrorCode, failed.ErrorMessage));
        Assert.Equal((null, null), (canceled.ErrorCode, canceled.ErrorMessage));
        Refused(() => Starting().NoteFault(fault));
        Refused(() => Starting().MarkSucceeded(At, null));
    }

    [Theory]
    [InlineData(1999, 1999)]
    [InlineData(2000, 2000)]
    [InlineData(2001, 2001)]
    [InlineData(5000, 2001)]
    public void A_long_error_is_cut(int length, int kept)
    {
        var row = Starting();

        row.MarkFailed(ErrorKind.UpstreamFailed, new string('x', length), At);

        // Two thousand characters, and a sign that there were more.
        Assert.Equal((kept, length > 2000), (row.ErrorMessage!.Length, row.ErrorMessage.EndsWith('…')));
    }

    [Fact]
    public void A_refusal_names_the_members_that_are_to_blame()
    {
        var (named, bare) = (Starting(), Starting());
        var errors = new Dictionary<string, string[]> { ["$.input.width"] = ["is too large"] };

        named.MarkRefused(new(ErrorKind.InvalidInput, "No.") { Errors = errors }, At, "log", Complete);
        bare.MarkRefused(new(ErrorKind.InvalidInput, "No."), At);

        Assert.Equal("""{"$.input.width":["is too large"]}""", named.ErrorMembers);
        Assert.Equal((GenerationStatus.Failed, "invalid_input", "No."), (named.Status, named.ErrorCode, named.ErrorMessage));
        Assert.Equal("log", named.Logs);
        Assert.Equal(3.0, named.PredictSeconds);
        Assert.Null(bare.ErrorMembers);
    }

    [Fact]
    public void An_end_is_final_and_lets_everything_go()
    {
        foreach (var end in new Action<Generation>[]
        {
            row => row.MarkSucceeded(At.AddDays(1), null), row => row.MarkFailed(ErrorKind.DownloadFailed, "Gone.", At.AddDays(1)),
            row => row.MarkCanceled(At.AddDays(1)),
        })
        {
            var row = Storing();
            row.Claim(Lease.For("me", At));

            end(row);

            Assert.Equal((At.AddDays(1), null, new Lease(null, null, 1)), (row.CompletedAt, row.Outputs, row.Lease));
            Assert.Equal(Generation.DayOf(At.AddDays(1)), row.UsedOn);
            Assert.NotEqual(Generation.DayOf(At), row.UsedOn);
            Assert.Null(row.InvariantViolation);
            Refused(() => row.MarkCanceled(At));
            Refused(() => row.MarkFailed(ErrorKind.DownloadFailed, "Gone.", At));
            Refused(() => row.RequestCancel(At));
            Refused(() => row.RequestDelete(At));
            Refused(() => row.LeaveToOthers(At));
        }
    }

    internal static Generation Queued(string upstream = "replicate", Guid owner = default) =>
        Generation.Accept(CoreRig.New("a fox", upstream: upstream, owner: owner) with { FlightKey = "flight" }, At);

    internal static Generation Sent(string upstream = "replicate")
    {
        var row = Queued(upstream);
        row.MarkSubmitting(At, At, Longest);
        return row;
    }

    internal static Generation Starting(string upstream = "replicate")
    {
        var row = Sent(upstream);
        row.MarkAccepted("p", At);
        return row;
    }

    internal static Generation Storing(string upstream = "replicate")
    {
        var row = Starting(upstream);
        row.MarkStoring(Files(1), null, Complete, At.AddSeconds(8));
        return row;
    }

    internal static Generation Succeeded()
    {
        var row = Storing();
        row.MarkSucceeded(At.AddSeconds(9), null);
        return row;
    }

    internal static OutputContent Files(int count, string? text = null) => OutputContent.Read(
        JsonSerializer.SerializeToElement(
            Enumerable.Range(0, count).Select(at => $"https://replicate.delivery/{at}.png").Concat(text is null ? [] : [text])),
        new DeliveryHosts(["replicate.delivery"]), "{}");

    private static void Refused(Action act) => Assert.Throws<InvalidOperationException>(act);
}
