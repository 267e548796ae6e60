namespace GenApi.Tests.Architecture;

public sealed class CirclesTests
{
    [Fact]
    public void A_circle_is_found_and_what_only_hangs_on_it_is_left_out()
    {
        var circle = Assert.Single(Circles.In(Graph(("a", "b"), ("b", "c"), ("c", "b d"), ("d", ""))));
        Assert.Equal(["b", "c"], circle);
    }

    [Fact]
    public void Two_circles_are_two() => Assert.Equal(2, Circles.In(Graph(("a", "b"), ("b", "a c"), ("c", "d"), ("d", "c"))).Count);

    [Fact]
    public void Arrows_that_meet_again_are_no_circle() => Assert.Empty(Circles.In(Graph(("a", "b c"), ("b", "d"), ("c", "d"), ("d", ""))));

    private static Dictionary<string, SortedSet<string>> Graph(params (string From, string To)[] arrows) => arrows.ToDictionary(
        each => each.From, each => new SortedSet<string>(each.To.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
