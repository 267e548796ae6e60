using System.Net.Http.Headers;
using System.Text;

namespace GenApi.Tests.Hosting;

public sealed class BadInputTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
{
    private GenApiApp App => shared.App;

    public static TheoryData<string, string, string> Bodies => new()
    {
        // body, JSON path, a word of the sentence
        { """{"promt":"a fox"}""", "$.promt", "Did you mean 'prompt'?" },
        { """{"prompt":"a fox","Width":64}""", "$.Width", "Did you mean 'width'?" },
        { """{"prompt":"a fox","negativePrompt":"x"}""", "$.negativePrompt", "Did you mean 'negative_prompt'?" },
        { """{"prompt":"a fox","zzzzzz":1}""", "$.zzzzzz", "Allowed: " },
        { """{"prompt":"a fox","we ird":1}""", "$['we ird']", "not known" },
        { """{"prompt":""}""", "$.prompt", "'prompt' must be a string of 1 to 32000" },
        { """{"prompt":"   "}""", "$.prompt", "not only spaces" },
        { """{"prompt":5}""", "$.prompt", "it is 5" },
        { """{"prompt":["a"]}""", "$.prompt", "an array" },
        { """{"prompt":"a","model":""}""", "$.model", "owner/name" },
        { """{"prompt":"a","model":7}""", "$.model", "owner/name" },
        { """{"prompt":"a","negative_prompt":{}}""", "$.negative_prompt", "an object" },
        { """{"prompt":"a","width":0}""", "$.width", "a whole number from 1" },
        { """{"prompt":"a","width":-64}""", "$.width", "a whole number from 1" },
        { """{"prompt":"a","width":"1024"}""", "$.width", "a whole number from 1" },
        { """{"prompt":"a","width":64.5}""", "$.width", "it is 64.5" },
        { """{"prompt":"a","height":1e400}""", "$.height", "a whole number" },
        { """{"prompt":"a","height":true}""", "$.height", "it is true" },
        { """{"prompt":"a","seed":-1}""", "$.seed", "a whole number from 0 to 9223372036854775807" },
        { """{"prompt":"a","seed":9223372036854775808}""", "$.seed", "a whole number" },
        { """{"prompt":"a","seed":"42"}""", "$.seed", "a whole number" },
        { """{"prompt":"a","num_outputs":0}""", "$.num_outputs", "a whole number from 1" },
        { """{"prompt":"a","steps":2.5}""", "$.steps", "a whole number" },
        { """{"prompt":"a","guidance":"high"}""", "$.guidance", "a number" },
        { """{"prompt":"a","strength":1.5}""", "$.strength", "a number from 0 to 1" },
        { """{"prompt":"a","aspect_ratio":1.5}""", "$.aspect_ratio", "a string" },
        { """{"prompt":"a","output_format":""}""", "$.output_format", "a string" },
        { """{"prompt":"a","image":"fox.png"}""", "$.image",
            "an http(s) URL, a data URI, or the id of an image (img_…) or an upload (upl_…)" },
        { """{"prompt":"a","image":"file:///etc/passwd"}""", "$.image", "an http(s) URL, a data URI, or the id" },
        { """{"prompt":"a","image":"upl_short"}""", "$.image", "an http(s) URL, a data URI, or the id" },
        { """{"prompt":"a","image":"gen_01knf4sgd2e4y8c25mgcv9w4c1"}""", "$.image", "an http(s) URL, a data URI, or the id" },
        { """{"prompt":"a","mask":1}""", "$.mask", "an http(s) URL, a data URI, or the id" },
        { """{"prompt":"a","input":[]}""", "$.input", "an object" },
        { """{"prompt":"a","input":"x"}""", "$.input", "an object" },
        { """{"prompt":"a","cache":"always"}""", "$.cache", "one of auto, reuse, refresh" },
        { """{"prompt":"a","cache":true}""", "$.cache", "one of auto, reuse, refresh" },
        { """{"prompt":"a","metadata":[]}""", "$.metadata", "an object of strings" },
        { """{"prompt":"a","metadata":{"ticket":17}}""", "$.metadata.ticket", "must be a string" },
        { """{"prompt":"a","metadata":{"":"x"}}""", "$.metadata['']", "1 to 64 characters" },
        { """{"prompt":"a","webhook":"example.com/hook"}""", "$.webhook", "an https URL of at most 2048 characters" },
        { """{"prompt":"a","webhook":5}""", "$.webhook", "a URL in a string; it is 5" },
        { """{"prompt":"a","webhook":"http://example.com/hook"}""", "$.webhook", "an https URL; http only to a loopback host" },
        { """{"prompt":"a","webhook":"https://localhost/hook"}""", "$.webhook", "Webhooks:AllowedPrivateHosts" },
        { """{"prompt":"a","webhook":"https://169.254.169.254/latest/meta-data"}""", "$.webhook", "at a public address" },
        { """{"prompt":"a","webhook":"https://user:secret@example.com/"}""", "$.webhook", "without user and fragment" },
        { """{"prompt":"a","webhook_events_filter":["completed"]}""", "$.webhook_events_filter",
            "needs a 'webhook' to send the events to" },
        { """{"prompt":"a","webhook":"https://example.com/","webhook_events_filter":[]}""", "$.webhook_events_filter",
            "at least one of start, progress, completed; it is empty" },
        { """{"prompt":"a","webhook":"https://example.com/","webhook_events_filter":["ended"]}""", "$.webhook_events_filter",
            "at least one of start, progress, completed" },
        { """{"prompt":"a","webhook":"https://example.com/","webhook_events_filter":["completed",1]}""", "$.webhook_events_filter",
            "at least one of" },
        { """{"prompt":"a","webhook":"https://example.com/","webhook_events_filter":"completed"}""", "$.webhook_events_filter", "a list" },
        { """{"prompt":"a","prompt":"b"}""", "$.prompt", "more than once" },
        { """{"prompt":"a","input":{"x":1,"x":2}}""", "$.input.x", "more than once" },
        { """{"prompt":"a","input":{"x":[{"y":1,"y":2}]}}""", "$.input.x[0].y", "more than once" },
        { """{"prompt":"\ud800"}""", "$.prompt", "half a surrogate pair" },
        { """{"prompt":"a\u0000b"}""", "$.prompt", "U+0000" },
        { """{"prompt":"a","input":{"\udc00":1}}""", "$.input", "half a surrogate pair" },
        { """[]""", "$", "a JSON object" },
        { "\"a fox\"", "$", "a JSON object" },
        { """null""", "$", "a JSON object" },
    };

    /// <summary>Sends each character as one byte.</summary>
    public static TheoryData<string> NotJson =>
    [
        "",
        "{",
        "{\"prompt\":\"a\"} x",
        "{\"prompt\":\"a\",}",
        "{'prompt':'a'}",
        "{\"prompt\":\"a\"} // done",
        "{\"prompt\":NaN}",
        "prompt=a",
        "{\"prompt\":\"\u00FF\"}",
        "{\0\"\0p\0\"\0:\01\0}\0",
        "{\"prompt\":\"a\",\"input\":" + new string('[', 100) + new string(']', 100) + "}",
    ];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_member_that_will_not_do_is_named_with_what_is_allowed(string body, string path, string word)
    {
        var answer = await App.GenerateAsync(body);

        AssertProblem(answer, 400, "invalid_request");
        Assert.Contains(answer["errors", path].EnumerateArray(),
            sentence => sentence.GetString()!.Contains(word, StringComparison.Ordinal));
        Assert.Equal(0, App.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once()
    {
        var answer = await App.GenerateAsync("""{"promt":"a","width":0,"cache":"x","metadata":{"a":1,"b":2},"webhook":""}""");

        AssertProblem(answer, 400, "invalid_request");
        Assert.Equal(["$.cache", "$.metadata.a", "$.metadata.b", "$.promt", "$.webhook", "$.width"],
            answer["errors"].EnumerateObject().Select(each => each.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Metadata_is_limited_in_number_and_length()
    {
        var many = await App.GenerateAsync(
            new { prompt = "a", metadata = Enumerable.Range(0, 17).ToDictionary(each => $"k{each}", each => "v") });
        var longKey = await App.GenerateAsync(
            new { prompt = "a", metadata = new Dictionary<string, string> { [new string('k', 65)] = "v" } });
        var longValue = await App.GenerateAsync(new { prompt = "a", metadata = new { k = new string('v', 513) } });

        Assert.Contains("at most 16 pairs; there are 17", many["errors", "$.metadata"][0].GetString(), StringComparison.Ordinal);
        Assert.Contains("1 to 64 characters", longKey.Text, StringComparison.Ordinal);
        Assert.Contains("at most 512 characters; this one has 513", longValue["errors", "$.metadata.k"][0].GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_has_a_longest_length()
    {
        var answer = await App.GenerateAsync(new { prompt = new string('a', 32_001) });

        Assert.Contains("a string of 32001 characters", answer["errors", "$.prompt"][0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NotJson))]
    public async Task What_is_not_JSON_is_malformed_json(string body)
    {
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        AssertProblem(await App.SendAsync(HttpMethod.Post, "/generate", content), 400, "malformed_json");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("multipart/form-data")]
    [InlineData(null)]
    public async Task A_body_of_another_type_is_415(string? type)
    {
        using var content = new ByteArrayContent([.. "{\"prompt\":\"a\"}"u8]);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);

        var answer = await App.SendAsync(HttpMethod.Post, "/generate", content);

        AssertProblem(answer, 415, "unsupported_media_type");
        Assert.Contains("JSON", answer.Text.Replace("application/json", "JSON", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_above_12_MiB_is_413(bool lengthIsTold)
    {
        var body = new byte[(12 << 20) + 1];
        using HttpContent content = lengthIsTold ? new ByteArrayContent(body) : new StreamContent(new Unseekable(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/generate") { Content = content };
        // Lets the service refuse before the body is sent; otherwise the connection may break.
        request.Headers.ExpectContinue = true;

        using var response = await App.Client.SendAsync(request, TestContext.Current.CancellationToken);

        AssertProblem(await Answer.ReadAsync(response), 413, "body_too_large");
    }

    [Theory]
    [InlineData("\"unclosed")]
    [InlineData("two words")]
    [InlineData("\"\"")]
    [InlineData("256")]
    public async Task An_idempotency_key_that_will_not_do_is_named(string key)
    {
        var answer = await App.GenerateAsync(new { prompt = "a" }, ("Idempotency-Key", key == "256" ? new string('k', 256) : key));

        AssertProblem(answer, 400, "invalid_request");
        Assert.Contains("1 to 255", answer["errors", "Idempotency-Key"][0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("status=done", "status")]
    [InlineData("created_after=yesterday", "created_after")]
    [InlineData("created_before=2026-13-01T00:00:00Z", "created_before")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    [InlineData("q=fox%00", "q")]
    [InlineData("limti=5", "limti")]
    [InlineData("limit=1&limit=2", "limit")]
    public async Task A_filter_that_will_not_do_is_named(string query, string name)
    {
        var answer = await App.GetAsync($"/generations?{query}");

        AssertProblem(answer, 400, "invalid_request");
        Assert.Contains(name, answer["errors", name][0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/generations/gen_nope")]
    [InlineData("GET", "/generations/img_01knf4sgd2e4y8c25mgcv9w4c1")]
    [InlineData("GET", "/generations/gen_01knf4sgd2e4y8c25mgcv9w4c1")]
    [InlineData("GET", "/generations/gen_01knf4sgd2e4y8c25mgcv9w4c1/events")]
    [InlineData("GET", "/generations/gen_01knf4sgd2e4y8c25mgcv9w4c1/logs")]
    [InlineData("POST", "/generations/gen_01knf4sgd2e4y8c25mgcv9w4c1/cancel")]
    [InlineData("DELETE", "/generations/gen_01knf4sgd2e4y8c25mgcv9w4c1")]
    [InlineData("GET", "/images/img_01knf4sgd2e4y8c25mgcv9w4c1")]
    [InlineData("GET", "/images/img_01knf4sgd2e4y8c25mgcv9w4c1/info")]
    [InlineData("DELETE", "/images/img_01knf4sgd2e4y8c25mgcv9w4c1")]
    [InlineData("GET", "/nowhere")]
    [InlineData("GET", "/openapi/v2.json")]
    public async Task What_does_not_exist_is_not_found(string method, string path) =>
        AssertProblem(await App.SendAsync(new HttpMethod(method), path, null), 404, "not_found");

    [Fact]
    public async Task A_method_that_a_route_does_not_take_is_405_with_those_it_takes()
    {
        var answer = await App.SendAsync(HttpMethod.Put, "/generate", null);

        AssertProblem(answer, 405, "method_not_allowed");
        Assert.Equal("POST", answer.Header("Allow"));
    }

    internal static void AssertProblem(Answer answer, int status, string code)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        Assert.Equal(code, answer.Code);
        Assert.Equal($"urn:genapi:problem:{code}", answer["type"].GetString());
        Assert.Equal(status, answer["status"].GetInt32());
        Assert.NotEqual("", answer["title"].GetString());
        Assert.NotEqual("", answer["detail"].GetString());
        Assert.Equal(32, answer["trace_id"].GetString()!.Length);
    }

    /// <summary>One service for the whole table, because none of these requests changes anything.</summary>
    public sealed class SharedApp : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync() => App = await GenApiApp.StartAsync();

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
