using GenApi.Tests.Hosting;

namespace GenApi.Tests.Gallery.Selection;

/// <summary>Bodies that will not do are refused with what is allowed, before anything is looked up.</summary>
public sealed class SelectionBodyTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
{
    private static readonly string[] Routes = ["/images/archive", "/images/delete", "/images/restore"];

    public static TheoryData<string, string, string> Bodies => new()
    {
        { "[]", "$", "a JSON object" },
        { "{}", "$.ids", "is missing" },
        { """{"ids":null}""", "$.ids", "a list of 1 to 500 ids" },
        { """{"ids":[]}""", "$.ids", "a list of 1 to 500 ids" },
        { """{"ids":"img_01knf4sgd2e4y8c25mgcv9w4c1"}""", "$.ids", "a list of 1 to 500 ids" },
        { """{"ids":[1]}""", "$.ids[0]", "it is 1" },
        { """{"ids":["img_01knf4sgd2e4y8c25mgcv9w4c1",null]}""", "$.ids[1]", "it is null" },
        { """{"ids":["fox.png"]}""", "$.ids[0]", "img_…" },
        { """{"ids":["gen_01knf4sgd2e4y8c25mgcv9w4c1"]}""", "$.ids[0]", "the id of a generation" },
        { """{"ids":["img_01knf4sgd2e4y8c25mgcv9w4c1","img_01knf4sgd2e4y8c25mgcv9w4c1"]}""", "$.ids[1]", "more than once" },
        { """{"ids":["a"],"ids":["b"]}""", "$.ids", "more than once" },
        { """{"id":["a"]}""", "$.id", "Did you mean 'ids'?" },
        { """{"ids":["img_01knf4sgd2e4y8c25mgcv9w4c1"],"format":"zip"}""", "$.format", "is not known here" },
    };

    [Theory, MemberData(nameof(Bodies))]
    public async Task A_body_that_will_not_do_is_refused_with_what_is_allowed(string body, string path, string word)
    {
        foreach (var route in Routes)
        {
            var refused = await shared.App.PostAsync(route, body);
            BadInputTests.AssertProblem(refused, 400, "invalid_request");
            Assert.Contains(
                refused["errors", path].EnumerateArray(), each => each.GetString()!.Contains(word, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("img_01knf4sgd2e4y8c25mgcv9w4c1")]
    [InlineData("fil_01knf4sgd2e4y8c25mgcv9w4c1")]
    [InlineData("img_short")]
    [InlineData("img_../../../etc/passwd")]
    public async Task An_id_that_there_is_not_is_named(string id)
    {
        foreach (var route in Routes)
            BinTests.AssertNames(await shared.App.PostAsync(route, new { ids = new[] { id } }), 404, "not_found", "$.ids[0]", id);
    }

    [Fact]
    public async Task A_body_is_bounded_and_JSON()
    {
        foreach (var route in Routes)
        {
            BadInputTests.AssertProblem(
                await shared.App.PostAsync(
                    route, $$"""{"ids":["{{new string('a', 70_000)}}"]}""", ("Expect", "100-continue")), 413, "body_too_large");
            BadInputTests.AssertProblem(await shared.App.PostAsync(route, "ids=img_1"), 400, "malformed_json");
            BadInputTests.AssertProblem(
                await shared.App.SendAsync(HttpMethod.Post, route, new StringContent("{}")), 415, "unsupported_media_type");
        }
    }
}
