using GenApi.Core.Accounts;
using GenApi.Core.Generations;
using GenApi.Doors.Repeats;
using GenApi.Hosting.Problems;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Doors.Repeats;

/// <summary>Tests by what a repeat is recognised, and which statuses doors answer once something may have been billed.</summary>
public sealed class RepeatFingerprintTests
{
    private static readonly Guid Account = Guid.Parse("11111111-2222-3333-4444-555555555555");
    private static readonly EndUser Ann = new("ann", null, null), Bob = new("bob", null, null);

    [Fact]
    public void Each_part_of_a_request_makes_another_fingerprint()
    {
        var body = "{}"u8.ToArray();
        var whole = RepeatFingerprint.Of(Account, "/v1/images/generations", body);
        Guid[] all =
        [
            whole,
            RepeatFingerprint.Of(Guid.Empty, "/v1/images/generations", body),
            RepeatFingerprint.Of(Account, "/v1/images/edits", body),
            RepeatFingerprint.Of(Account, "/v1/images/generations", "{} "u8),
            Of(whole, 1, null),
            Of(whole, 2, null),
            Of(whole, 0, Ann),
            Of(whole, 1, Ann),
            Of(whole, 0, Bob),
        ];

        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(whole, Of(whole, 0, null));
        Assert.Equal(whole, RepeatFingerprint.Of(Account, "/v1/images/generations", body));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("02", true)]
    [InlineData("0", false)]
    [InlineData("00", false)]
    [InlineData("", false)]
    [InlineData("-1", false)]
    [InlineData("one", false)]
    [InlineData(null, false)]
    public void A_repeat_is_marked_by_a_count_of_one_or_more(string? count, bool isMarked)
    {
        var context = new DefaultHttpContext();
        if (count is not null)
            context.Request.Headers["X-Stainless-Retry-Count"] = count;

        Assert.Equal(isMarked, RepeatFingerprint.IsMarked(context.Request));
    }

    [Theory]
    [InlineData(408, 400)]
    [InlineData(409, 400)]
    [InlineData(429, 400)]
    [InlineData(500, 400)]
    [InlineData(507, 400)]
    [InlineData(400, 400)]
    [InlineData(402, 402)]
    [InlineData(404, 404)]
    [InlineData(422, 422)]
    public void No_door_answers_a_status_that_clients_repeat_about_a_generation(int status, int answered)
    {
        var problem = new Problem("urn:genapi:problem:x", "X", status, "X.", "x", "") { RetryAfter = 5 };

        Assert.Equal(problem, ProblemForm.WithoutRepeats(problem));
        var named = ProblemForm.WithoutRepeats(problem with { GenerationId = "gen_1" });
        Assert.Equal((answered, status == answered ? 5 : null), (named.Status, named.RetryAfter));
    }

    private static Guid Of(Guid whole, int index, EndUser? user) => new RepeatKey(whole, index, isMarked: false, null).For(user);
}
