using GenApi.Generations;
using Microsoft.Extensions.Primitives;

namespace GenApi.Tests.Hosting;

public sealed class PreferHeaderTests
{
    [Theory]
    [InlineData("", null, false, null)]
    [InlineData("wait=20", 20, false, "wait=20")]
    [InlineData("wait=0", 0, false, "wait=0")]
    [InlineData("Wait = 20", 20, false, "wait=20")]
    [InlineData("wait=\"20\"", 20, false, "wait=20")]
    [InlineData("wait=300", 300, false, "wait=300")]
    [InlineData("wait=301", 300, false, "wait=300")]
    [InlineData("wait=99999999999999999999", 300, false, "wait=300")]
    [InlineData("wait=-1", null, false, null)]
    [InlineData("wait=1.5", null, false, null)]
    [InlineData("wait=soon", null, false, null)]
    [InlineData("wait", null, false, null)]
    [InlineData("respond-async", null, true, "respond-async")]
    [InlineData("respond-async, wait=5", 5, true, "respond-async, wait=5")]
    [InlineData("wait=5,wait=50", 5, false, "wait=5")]
    [InlineData("return=minimal; foo=\"a, wait=9\", wait=7", 7, false, "wait=7")]
    [InlineData("handling=lenient, unknown", null, false, null)]
    [InlineData(",,;=\"", null, false, null)]
    public void A_preference_is_read_or_ignored(string header, int? seconds, bool respondAsync, string? applied)
    {
        var prefer = PreferHeader.Parse(header);

        Assert.Equal(seconds is { } known ? TimeSpan.FromSeconds(known) : null, prefer.Wait);
        Assert.Equal(respondAsync, prefer.RespondAsync);
        Assert.Equal(applied, prefer.Applied);
    }

    [Fact]
    public void Several_headers_are_one_list()
    {
        var prefer = PreferHeader.Parse(new StringValues(["respond-async", "wait=3"]));

        Assert.Equal(TimeSpan.FromSeconds(3), prefer.WaitOr(TimeSpan.FromSeconds(60)));
        Assert.True(prefer.RespondAsync);
    }

    [Fact]
    public void Without_a_wait_an_asynchronous_answer_is_given_at_once_and_else_the_default_holds()
    {
        Assert.Equal(TimeSpan.Zero, PreferHeader.Parse("respond-async").WaitOr(TimeSpan.FromSeconds(60)));
        Assert.Equal(TimeSpan.FromSeconds(60), PreferHeader.Parse("").WaitOr(TimeSpan.FromSeconds(60)));
    }
}
