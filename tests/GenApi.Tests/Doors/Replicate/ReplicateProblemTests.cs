using GenApi.Tests.Accounts;
using static GenApi.Tests.Doors.Replicate.ReplicateCalls;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>Refusals on the Replicate door have Replicate's form and name the field.</summary>
public sealed class ReplicateProblemTests(ReplicateProblemTests.House house) : IClassFixture<ReplicateProblemTests.House>
{
    [Theory]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a","steps_":3}}""", "input.steps_", "invalid")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a","num_inference_steps":9000}}""", "input.num_inference_steps", "invalid")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a","scheduler":"fast"}}""", "input.scheduler", "enum")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a"},"model":"sdxl"}""", "model", "additional_property_not_allowed")]
    [InlineData("""{"version":"sdxl","input":"a fox"}""", "input", "invalid")]
    [InlineData("""{"version":"sdxl"}""", "input", "required")]
    [InlineData("""{"input":{"prompt":"a"}}""", "version", "required")]
    [InlineData("""{"version":7,"input":{"prompt":"a"}}""", "version", "invalid")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a"},"stream":"yes"}""", "stream", "invalid")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a"},"webhook":"ftp://a"}""", "webhook", "invalid")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a"},"webhook_events_filter":["done"]}""", "webhook_events_filter", "invalid")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a"},"webhook_events_filter":[]}""", "webhook_events_filter", "invalid")]
    [InlineData("""[]""", "", "invalid")]
    public async Task A_wrong_body_is_422_with_the_field_and_what_is_allowed(string body, string field, string type)
    {
        var answer = await house.App.PostAsync(Predictions, body, Keys.Of(house.Secret));

        Assert.Equal((422, "Input validation failed"), (answer.Status, answer["title"].Text()));
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        Assert.Equal(422, answer["status"].GetInt32());
        var wrong = Assert.Single(answer["invalid_fields"].EnumerateArray());
        Assert.Equal((field, type), (wrong.GetProperty("field").Text(), wrong.GetProperty("type").Text()));
        Assert.Equal($"- {field}: {wrong.GetProperty("description").Text()}\n", answer["detail"].Text());
        Assert.Equal(0, house.App.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task All_errors_of_a_body_are_named_at_once()
    {
        var answer = await house.App.PostAsync(Predictions, """{"input":1,"n":2,"webhook":3}""", Keys.Of(house.Secret));

        Assert.Equal(
            ["n", "version", "input", "webhook"],
            answer["invalid_fields"].EnumerateArray().Select(each => each.GetProperty("field").Text()));
    }

    [Theory]
    [InlineData(Predictions, "0000000000000000000000000000000000000000000000000000000000000000", 422, "Invalid version or not permitted")]
    [InlineData(Predictions, "nobody/nothing", 422, "Invalid version or not permitted")]
    [InlineData(Predictions, "stability-ai/sdxl:0000000000000000000000000000000000000000000000000000000000000000", 422,
        "Invalid version or not permitted")]
    [InlineData(Root + "/models/nobody/nothing/predictions", null, 404, "Unknown model")]
    public async Task An_unknown_model_is_refused_as_at_Replicate(string path, string? version, int status, string title)
    {
        object input = new { prompt = "a" };
        var answer = await house.App.PostAsync(path, version is null ? new { input } : new { version, input }, Keys.Of(house.Secret));

        Assert.Equal((status, title), (answer.Status, answer["title"].Text()));
        Assert.DoesNotContain("$.", answer["detail"].Text(), StringComparison.Ordinal);
        Assert.Equal(status, answer["status"].GetInt32());
    }

    [Theory]
    [InlineData("GET", Predictions + "/0123456789abcdefghjkmnpqrs", 404, "There is no such prediction.")]
    [InlineData("GET", Predictions + "/x", 404, "There is no such prediction.")]
    [InlineData("POST", Predictions + "/0123456789abcdefghjkmnpqrs/cancel", 404, "There is no such prediction.")]
    [InlineData("GET", Predictions + "/0123456789abcdefghjkmnpqrs/stream", 404, "There is no such prediction.")]
    [InlineData("GET", Root + "/nothing", 404, "There is nothing at /replicate/v1/nothing.")]
    [InlineData("PUT", Predictions, 405, "/replicate/v1/predictions does not take PUT.")]
    [InlineData("GET", Predictions + "?limit=3", 400, "'limit' is not known here.")]
    [InlineData("GET", Predictions + "?created_after=soon", 400, "'created_after' must be an RFC 3339 time")]
    [InlineData("GET", Predictions + "?cursor=x", 400, "'cursor' must be")]
    [InlineData("GET", Predictions + "?source=api", 400, "'source' must be web;")]
    public async Task Other_refusals_have_a_detail_too(string method, string path, int status, string detail)
    {
        var answer = await house.App.SendAsync(new HttpMethod(method), path, null, Keys.Of(house.Secret));

        Assert.Equal((status, status), (answer.Status, answer["status"].GetInt32()));
        Assert.StartsWith(detail, answer["detail"].Text(), StringComparison.Ordinal);
        Assert.EndsWith("}\n", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("25h")]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("1m2h")]
    public async Task A_time_to_cancel_out_of_range_is_refused_before_anything_is_made(string limit)
    {
        var answer = await house.App.PostAsync(
            Predictions, new { version = Sdxl, input = Fox() }, Keys.Of(house.Secret), ("Cancel-After", limit));

        Assert.Equal(422, answer.Status);
        Assert.Equal("Cancel-After", Assert.Single(answer["invalid_fields"].EnumerateArray()).GetProperty("field").Text());
        Assert.Equal(0, house.App.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_caller_without_a_key_is_refused_in_Replicates_words()
    {
        var answer = await house.App.GetAsync(Predictions);

        Assert.Equal((401, "Unauthenticated", 401), (answer.Status, answer["title"].Text(), answer["status"].GetInt32()));
        Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a","settings":{"token":"KEY"}}}""", "input.settings.token")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"my key is KEY"}}""", "input.prompt")]
    [InlineData("""{"version":"sdxl","input":{"prompt":["a","KEY"]}}""", "input.prompt[1]")]
    [InlineData("""{"version":"sdxl","input":{"KEY":1}}""", "input")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"\u0067REST"}}""", "input.prompt")]
    [InlineData("""{"version":"sdxl","input":{"prompt":"a"},"webhook":"https://example.com/?key=KEY"}""", "webhook")]
    public async Task A_body_that_holds_the_callers_own_key_is_refused_and_not_repeated(string body, string field)
    {
        // JSON may write the first letter as an escape.
        body = body.Replace("KEY", house.Secret, StringComparison.Ordinal).Replace("REST", house.Secret[1..], StringComparison.Ordinal);
        // With any scheme: Token is one of the door's.
        foreach (var scheme in new[] { "Bearer", "Token" })
        {
            var answer = await house.App.PostAsync(Predictions, body, ("Authorization", $"{scheme} {house.Secret}"));

            Assert.Equal((422, field), (answer.Status, answer["invalid_fields"][0].GetProperty("field").Text()));
            Assert.Contains("the API key of this request", answer["detail"].Text(), StringComparison.Ordinal);
            Assert.DoesNotContain(house.Secret[10..], answer.Text, StringComparison.Ordinal);
        }
        Assert.Equal(0, house.App.Sandbox.Stats.Creations);
    }

    public sealed class House : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        internal string Secret { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            App = await Keys.StartAsync();
            Secret = (await App.MakeAsync("shop")).Secret;
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
