using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Models;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Tests.Generations;

/// <summary>Tests the cost of a run when the upstream never said how it ended, or left figures out.</summary>
public sealed class BillingTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ModelPrice ByTime = new() { Hardware = "gpu", PerSecond = 0.001m };
    private static readonly ModelPrice ByImage = new() { PerImage = 0.01m };

    [Fact]
    public void A_run_whose_end_was_never_told_counts_for_all_the_time_it_may_have_run()
    {
        var row = Accepted(ByTime);

        row.MarkFailed(ErrorKind.UpstreamTimeout, "Not told.", At.AddSeconds(70));

        Assert.InRange(row.CancelAfterSeconds!.Value, 63, 70);
        // It was accepted ten seconds after it was sent.
        Assert.Equal((row.CancelAfterSeconds - 10) * 1_000L, row.CostMicros);
    }

    [Fact]
    public void A_run_whose_end_was_never_told_counts_its_worst_case_where_output_is_billed()
    {
        var row = Accepted(ByImage);

        row.MarkFailed(ErrorKind.UpstreamTimeout, "Not told.", At.AddSeconds(70));

        Assert.Equal(40_000, row.CostMicros);
    }

    [Fact]
    public void A_creation_that_was_never_found_counts_and_one_that_surely_was_not_made_does_not()
    {
        var (lost, unmade) = (Queued(ByImage), Queued(ByImage));
        lost.MarkSubmitting(At, At, TimeSpan.FromSeconds(60));
        unmade.MarkSubmitting(At, At, TimeSpan.FromSeconds(60));

        lost.MarkFailed(ErrorKind.UpstreamTimeout, "Not found.", At.AddSeconds(60));
        unmade.MarkNotSubmitted();
        unmade.MarkFailed(ErrorKind.UpstreamUnavailable, "Refused.", At.AddSeconds(60));

        Assert.Equal((40_000, true), (lost.CostMicros, lost.WasSent));
        Assert.Equal((0, false), (unmade.CostMicros, unmade.WasSent));
    }

    [Fact]
    public void What_was_never_sent_costs_nothing_even_where_no_price_is_known()
    {
        var row = Queued(null);

        row.MarkCanceled(At);

        Assert.Equal(0, row.CostMicros);
    }

    [Fact]
    public void A_running_time_that_was_not_measured_is_taken_from_the_start_told()
    {
        var row = Accepted(ByTime);

        row.MarkStoring(Files(1), null, new Ran(PredictionStatus.Succeeded, null, null, At.AddSeconds(12), 1, false), At.AddSeconds(20));
        row.MarkSucceeded(At.AddSeconds(25), null);

        Assert.Equal(8000, row.CostMicros);
    }

    [Fact]
    public void A_run_canceled_before_it_started_ran_for_no_time()
    {
        var row = Accepted(ByTime);

        row.MarkCanceled(At.AddSeconds(30), null, new Ran(PredictionStatus.Canceled, null, 25, null, 0, null));

        Assert.Equal(0, row.CostMicros);
    }

    [Fact]
    public void Images_that_the_upstream_counts_are_billed_although_it_did_not_deliver_them()
    {
        var row = Accepted(ByImage);

        row.MarkStoring(Files(1), null, new Ran(PredictionStatus.Succeeded, 1, 2, At, 3, false), At.AddSeconds(20));
        row.MarkSucceeded(At.AddSeconds(25), ModelPrice.Megapixel);

        Assert.Equal(30_000, row.CostMicros);
    }

    [Fact]
    public void A_picture_that_could_not_be_fetched_is_paid_for()
    {
        var row = Accepted(new ModelPrice { PerMegapixel = 0.02m });

        row.MarkStoring(Files(1), null, new Ran(PredictionStatus.Succeeded, 1, 2, At, 1, false), At.AddSeconds(20));
        row.MarkFailed(ErrorKind.DownloadFailed, "Gone.", At.AddSeconds(25));

        Assert.Equal(20_000, row.CostMicros);
    }

    [Theory]
    // The files that came, how many of them are images, and how many the upstream counts.
    [InlineData(2, 1, null, 1)]
    [InlineData(2, 1, 1, 1)]
    [InlineData(2, 1, 4, 4)]
    [InlineData(1, 0, null, 0)]
    [InlineData(4, 4, 1, 4)]
    public void Only_pictures_are_billed_unless_the_upstream_counts_more(int files, int pictures, int? counted, int billed)
    {
        var row = Accepted(ByImage);

        row.MarkStoring(Files(files), null, new Ran(PredictionStatus.Succeeded, 1, 2, At, counted, false), At.AddSeconds(20));
        Assert.Equal(Math.Max(files, counted ?? 0), row.OutputCount);
        row.CountImages(pictures);
        row.MarkSucceeded(At.AddSeconds(25), null);

        Assert.Equal(billed * 10_000, row.CostMicros);
    }

    [Fact]
    public void A_run_whose_end_was_never_told_counts_until_now_where_its_deadline_is_still_to_come()
    {
        var row = Accepted(ByTime);

        row.MarkFailed(ErrorKind.UpstreamFailed, "Not told.", At.AddSeconds(30));

        Assert.Equal(20_000, row.CostMicros);
    }

    [Theory]
    // When it was sent by the upstream's clock: later than the row, or by a clock that goes wrong.
    [InlineData(5, 25_000)]
    [InlineData(0, 30_000)]
    [InlineData(-3600, 30_000)]
    public void A_creation_that_was_never_found_counts_since_it_was_sent_and_no_longer_than_the_row_is_there(int sent, long cost)
    {
        var row = Queued(ByTime);
        row.MarkSubmitting(At.AddSeconds(5), At.AddSeconds(sent), TimeSpan.FromSeconds(900));

        row.MarkFailed(ErrorKind.UpstreamTimeout, "Not found.", At.AddSeconds(30));

        Assert.Equal(cost, row.CostMicros);
    }

    [Fact]
    public void A_clock_that_runs_backwards_costs_nothing()
    {
        var row = Accepted(ByTime);

        row.MarkFailed(ErrorKind.UpstreamFailed, "Not told.", At.AddSeconds(4));

        Assert.Equal(0, row.CostMicros);
    }

    [Fact]
    public void An_aborted_run_costs_nothing_even_where_no_price_is_known_and_any_other_end_has_no_cost_then()
    {
        var (aborted, failed) = (Accepted(null), Accepted(null));

        aborted.MarkFailed(ErrorKind.UpstreamFailed, "Aborted.", At.AddSeconds(30), ran: Ended(PredictionStatus.Aborted, null, null));
        failed.MarkFailed(ErrorKind.UpstreamFailed, "Failed.", At.AddSeconds(30), ran: Ended(PredictionStatus.Failed, 1, 2));

        Assert.Equal((0, null), (aborted.CostMicros, failed.CostMicros));
    }

    [Theory]
    // It can't have started before it was sent. Files are fetched after the run, at our expense.
    [InlineData(12, 8000)]
    [InlineData(-500, 20_000)]
    public void A_running_time_that_was_not_measured_lies_between_sending_and_storing(int started, long cost)
    {
        var row = Accepted(ByTime);

        row.MarkStoring(
            Files(1), null, new Ran(PredictionStatus.Succeeded, null, null, At.AddSeconds(started), 1, false), At.AddSeconds(20));
        row.MarkSucceeded(At.AddSeconds(250), null);

        Assert.Equal(cost, row.CostMicros);
    }

    [Theory]
    // What the upstream measured of the run and of all the time; null: nothing.
    [InlineData(2.0, 15.0, 15_000)]
    [InlineData(15.0, 2.0, 15_000)]
    [InlineData(2.0, null, 20_000)]
    public void A_private_model_is_billed_for_all_the_time(double? predict, double? total, long cost)
    {
        var row = Accepted(new ModelPrice { Hardware = "gpu", PerSecond = 0.001m, Private = true });

        row.MarkCanceled(At.AddSeconds(30), null, Ended(PredictionStatus.Canceled, predict, total));

        Assert.Equal(cost, row.CostMicros);
    }

    [Fact]
    public void Two_pictures_of_unknown_size_count_as_a_megapixel_each_and_known_sizes_as_they_are()
    {
        var (unknown, known) = (Accepted(new ModelPrice { PerMegapixel = 0.02m }), Accepted(new ModelPrice { PerMegapixel = 0.02m }));
        foreach (var row in new[] { unknown, known })
            row.MarkStoring(Files(2), null, Ended(PredictionStatus.Succeeded, 1, 2), At.AddSeconds(20));

        unknown.MarkSucceeded(At.AddSeconds(25), null);
        known.MarkSucceeded(At.AddSeconds(25), ModelPrice.Megapixel / 2);

        Assert.Equal((40_000, 10_000), (unknown.CostMicros, known.CostMicros));
    }

    private static Ran Ended(PredictionStatus ending, double? predict, double? total) => new(ending, predict, total, null, null, null);

    private static OutputContent Files(int count) => OutputContent.Read(
        JsonSerializer.SerializeToElement(Enumerable.Range(0, count).Select(at => $"https://replicate.delivery/{at}.png")),
        new DeliveryHosts(["replicate.delivery"]), "{}");

    private static Generation Accepted(ModelPrice? price)
    {
        var row = Queued(price);
        row.MarkSubmitting(At, At, TimeSpan.FromSeconds(70));
        row.MarkAccepted("p", At.AddSeconds(10));
        return row;
    }

    private static Generation Queued(ModelPrice? price) => Generation.Accept(
        new NewGeneration(
            "me/mine", null, "replicate", "", "{}", null, null, "{}", "", "", null, 1,
            price is null ? null : new CostEstimate(price, 0.01m, 0.04m)), At);
}
