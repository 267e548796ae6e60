using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Recovery;

namespace GenApi.Tests.Generations;

/// <summary>
/// Tests the search of the upstream's lists for a creation whose answer was lost: where it looks, what it reads, and what counts as ours.
/// </summary>
public sealed class OrphanFinderTests(CoreRig rig) : OrphanFinderSuite(rig)
{
    [Theory]
    // How long after the sending is searched, and up to when the second list reaches, if there is one.
    [InlineData(0, false)]
    [InlineData(30, false)]
    [InlineData(31, true)]
    [InlineData(3600, true)]
    public async Task It_looks_a_minute_far_and_further_only_when_more_time_has_passed(int seconds, bool goesOn)
    {
        var run = await SentAsync();
        Rig.Time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(OrphanFate.Missing, (await FindAsync(run)).Fate);

        Assert.Equal(goesOn ? 2 : 1, List.Asked.Count);
        Assert.Equal((-30, 60), List.Asked[0]);
        if (goesOn)
            Assert.Equal((60, null), List.Asked[1]);
    }

    [Fact]
    public async Task What_is_found_in_the_first_minute_ends_the_search()
    {
        var run = await SentAsync();
        List.Add("p1", run, 1, Allowed(run));
        Rig.Time.Advance(TimeSpan.FromHours(1));

        var found = await FindAsync(run, isSettled: false);

        Assert.Equal((OrphanFate.Found, "p1"), (found.Fate, found.Prediction?.Id));
        Assert.True(Finder.IsMarked(run, found.Prediction!));
        Assert.Single(List.Asked);
        // It showed everything.
        Assert.Equal(0, List.Gets("p1"));
    }

    [Fact]
    public async Task What_was_made_hours_later_is_found_too()
    {
        var run = await SentAsync();
        List.Add("p1", run, 7200, Allowed(run));
        Rig.Time.Advance(TimeSpan.FromHours(3));

        Assert.Equal("p1", (await FindAsync(run, isSettled: false)).Prediction?.Id);
    }

    [Theory]
    // When it was created, and whether its deadline shows another's mark. A minute later, another service's settings may show.
    [InlineData(59, true, false)]
    [InlineData(59, false, true)]
    [InlineData(60, true, true)]
    [InlineData(61, true, true)]
    public async Task Within_a_minute_a_prediction_is_ours_by_its_mark(int seconds, bool isStrange, bool isOurs)
    {
        var run = await SentAsync();
        List.Add("p1", run, seconds, isStrange ? 300 : Allowed(run));
        Rig.Time.Advance(TimeSpan.FromHours(1));

        var found = await FindAsync(run);

        Assert.Equal(isOurs ? "p1" : null, found.Prediction?.Id);
        Assert.Equal(!isStrange, found.Prediction is { } prediction && Finder.IsMarked(run, prediction));
    }

    [Theory]
    [InlineData(69, true)]
    [InlineData(70, false)]
    public async Task What_is_half_a_minute_older_than_a_creation_is_not_its(int seconds, bool isTooOld)
    {
        var canceled = await SentAsync(change: row => row.RequestCancel(Beginning));
        await SentAsync(sent: 100);
        List.Add("p1", canceled, seconds);
        Rig.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(isTooOld ? OrphanFate.Found : OrphanFate.Unclear, (await FindAsync(canceled)).Fate);
    }

    [Fact]
    public async Task The_earliest_time_is_the_one_that_the_search_is_given()
    {
        var run = await SentAsync();
        List.Add("p1", run, -600, Allowed(run));

        Assert.Equal("p1", (await FindAsync(run, Beginning.AddSeconds(-605))).Prediction?.Id);
    }

    [Fact]
    public async Task A_row_without_its_input_is_read_in_full_if_its_model_may_be_ours()
    {
        var run = await SentAsync();
        var other = Generation.Accept(CoreRig.New("another", model: "black-forest-labs/flux-dev", version: null), Beginning);
        List.Add("p1", run, 1, Allowed(run), without: "input");
        List.Add("p2", other, 2, 900, without: "input");

        Assert.Equal("p1", (await FindAsync(run)).Prediction?.Id);
        Assert.Equal((1, 0), (List.Gets("p1"), List.Gets("p2")));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_row_without_its_deadline_is_ours_only_if_the_prediction_shows_our_mark(bool isStrange, bool isOurs)
    {
        var run = await SentAsync();
        List.Add("p1", run, 1, isStrange ? 300 : Allowed(run), without: "deadline");
        List.Add("p2", run, 2, 300, new { prompt = "another" }, without: "deadline");

        var found = await FindAsync(run);

        Assert.Equal(isOurs ? "p1" : null, found.Prediction?.Id);
        Assert.Equal(isOurs, found.Prediction is { } prediction && Finder.IsMarked(run, prediction));
        // What surely is another request's need not be read.
        Assert.Equal((1, 0), (List.Gets("p1"), List.Gets("p2")));
    }

    [Fact]
    public async Task The_time_of_a_creation_is_taken_from_the_prediction_where_the_list_lacks_it()
    {
        var run = await SentAsync();
        List.Add("p1", run, 1, Allowed(run), without: ["deadline", "created_at"]);

        var found = await FindAsync(run);

        Assert.Equal(("p1", Beginning.AddSeconds(1)), (found.Prediction?.Id, found.Prediction?.CreatedAt));
        Assert.True(Finder.IsMarked(run, found.Prediction!));
    }

    [Fact]
    public async Task The_lists_own_time_goes_before_the_one_of_the_prediction()
    {
        var run = await SentAsync();
        List.Add("p1", run, 1, Allowed(run), without: "deadline");
        Rig.Answer("GET /v1/predictions/p1", JsonSerializer.Serialize(new
        {
            id = "p1",
            created_at = Beginning.AddSeconds(5),
            deadline = Beginning.AddSeconds(1 + Allowed(run)),
        }));

        var found = await FindAsync(run);

        Assert.Equal(("p1", Beginning.AddSeconds(1)), (found.Prediction?.Id, found.Prediction?.CreatedAt));
    }

    [Fact]
    public async Task What_another_generation_has_is_not_ours()
    {
        var (run, owner) = (await SentAsync(), await SentAsync());
        await Rig.EditAsync(owner, row => row.MarkAccepted("owned", Beginning));
        List.Add("owned", run, 1, Allowed(run));

        Assert.Equal(OrphanFate.Missing, (await FindAsync(run)).Fate);
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(200, null)]
    [InlineData(201, ErrorKind.UpstreamBadAnswer)]
    public async Task A_list_is_read_to_its_end_or_nothing_is_known(int pages, ErrorKind? fault)
    {
        var run = await SentAsync();
        List.Add("p1", run, 1, Allowed(run));
        List.Pages = pages;

        if (fault is null)
        {
            Assert.Equal("p1", (await FindAsync(run)).Prediction?.Id);
            return;
        }
        var thrown = await Assert.ThrowsAsync<GenApiException>(() => FindAsync(run));
        Assert.Equal((fault, true), (thrown.Kind, thrown.IsTransient));
    }
}
