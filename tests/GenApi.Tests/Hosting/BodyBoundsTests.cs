using System.Net.Http.Headers;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Hosting.Requests;

namespace GenApi.Tests.Hosting;

/// <summary>
/// Bodies that would cost the service far more than the caller are refused, and the refusal is cheap. The tests count bytes, never time.
/// </summary>
public sealed class BodyBoundsTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
{
    private const int Large = 4_000_000;

    private GenApiApp App => shared.App;

    /// <summary>The path and the words of each refusal.</summary>
    public static TheoryData<string, string, string> Hostile => new()
    {
        { "one member 25,000 times", "$", "more than 1000 members" },
        { "many unknown members", "$", "more than 1000 members" },
        { "many unknown inputs", "$.input", "more than 1000 members" },
        { "many items", "$.input.x", "more than 1000 items" },
        { "many values", "$.input.x9", "more than 10000 values" },
        { "a long number", "$.seed", "at most 400 characters; this one has 1000001" },
        { "a long number in a list", "$.input.x[1]", "at most 400 characters" },
        { "a long name", "$", "at most 1 KiB" },
        { "a long prompt", "$.prompt", "at most 1 MiB" },
        { "many middling texts", "$.input", "at most 1 MiB" },
        { "a data URI of escapes", "$.image", "at most 400000 escapes" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_body_beyond_a_bound_is_refused_where_it_passes_it(string what, string path, string words)
    {
        var answer = await App.GenerateAsync(Body(what));

        BadInputTests.AssertProblem(answer, 400, "invalid_request");
        var (at, sentences) = Assert.Single(answer["errors"].EnumerateObject().ToDictionary(each => each.Name, each => each.Value));
        Assert.StartsWith(path, at, StringComparison.Ordinal);
        Assert.Contains(words, sentences[0].GetString(), StringComparison.Ordinal);
        Assert.True(answer.Body.Length < 4_000, $"{answer.Body.Length} bytes");
        Assert.Equal(0, App.Sandbox.Stats.CreationAttempts);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_is_refused_is_never_made_into_anything(string what, string path, string words)
    {
        var body = Encoding.UTF8.GetBytes(Body(what));
        // A first call, so that one-time allocations don't count.
        Assert.Throws<GenApiException>(() => JsonBody.Parse(body));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var fault = Assert.Throws<GenApiException>(() => JsonBody.Parse(body));

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 50_000, $"{allocated} bytes for {what}, {path}: {words}: {fault.Message}");
    }

    [Theory]
    [InlineData("$", "is given more than once")]
    [InlineData("unknown", "is not known here")]
    [InlineData("$.input", "is not an input of this model")]
    [InlineData("metadata", "must be a string")]
    [InlineData("wide names", "is not known here")]
    [InlineData("wide inputs", "is not an input of this model")]
    [InlineData("halves", "half a surrogate pair")]
    public async Task At_most_fifty_problems_are_listed_and_the_others_counted(string what, string words)
    {
        var answer = await App.GenerateAsync(what switch
        {
            "$" => $$"""{"prompt":"a"{{Repeat(901, _ => ",\"seed\":1")}}}""",
            "unknown" => $$"""{"prompt":"a"{{Repeat(900, each => $",\"zz{each}\":1")}}}""",
            "metadata" => $$"""{"prompt":"a","metadata":{"a":1{{Repeat(899, each => $",\"m{each}\":1")}} } }""",
            "wide names" => $$"""{"prompt":"a"{{Repeat(900, each => $",\"{each}{new string('狐', 300)}\":1")}}}""",
            "wide inputs" => $$"""{"prompt":"a","input":{"a":1{{Repeat(899, each => $",\"{each}{new string('狐', 300)}\":1")}} } }""",
            "halves" => $$"""{"prompt":"a","input":{"a":["\ud800"{{Repeat(899, _ => ",\"\\udc00\"")}}]} }""",
            _ => $$"""{"prompt":"a","input":{"a":1{{Repeat(899, each => $",\"zz{each}\":1")}} } }""",
        });

        Assert.Contains(answer.Status, (int[])[400, 422]);
        Assert.True(answer.Body.Length <= 64_000, $"{answer.Body.Length} bytes");
        var sentences = answer["errors"].EnumerateObject()
            .SelectMany(each => each.Value.EnumerateArray()).Select(each => each.GetString()!).ToList();
        const string end = "more problems are not listed; correct these first.";
        var rest = Assert.Single(sentences, sentence => sentence.EndsWith(end, StringComparison.Ordinal));
        var listed = sentences.Count - 1;
        Assert.InRange(listed, 10, 50);
        Assert.Contains(words, sentences[0], StringComparison.Ordinal);
        // Metadata has one more error: too many pairs.
        Assert.Equal(what == "metadata" ? 901 : 900, listed + int.Parse(rest.Split(' ')[0], null));
        Assert.Contains($"{listed + int.Parse(rest.Split(' ')[0], null) - 1} more", answer["detail"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_strings_and_headers_are_not_repeated_at_length()
    {
        var query = await App.GetAsync($"/generations?{string.Join('&', Enumerable.Range(0, 1_000).Select(each => $"z{each}=1"))}");
        var path = await App.GetAsync($"/{new string('n', 7_000)}");
        using var content = new StringContent("{}");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse($"text/{new string('t', 7_000)}");
        var type = await App.SendAsync(HttpMethod.Post, "/generate", content);

        BadInputTests.AssertProblem(query, 400, "invalid_request");
        BadInputTests.AssertProblem(path, 404, "not_found");
        BadInputTests.AssertProblem(type, 415, "unsupported_media_type");
        Assert.True(query.Body.Length < 20_000, $"{query.Body.Length} bytes");
        Assert.True(path.Body.Length < 1_000 && type.Body.Length < 1_000);
    }

    [Theory]
    [InlineData("POST", "/accounts/keys")]
    [InlineData("PATCH", "/accounts/keys/key_01knf4sgd2e4y8c25mgcv9w4c1")]
    public async Task The_body_of_a_key_has_at_most_64_KiB(string method, string path)
    {
        using var content = new StringContent($$"""{"name":"{{new string('k', 70_000)}}"}""", Encoding.UTF8, "application/json");

        // The client asks first: the server closes the connection behind its refusal, and a client that is still sending then may lose it.
        var answer = await App.SendAsync(new HttpMethod(method), path, content, ("Expect", "100-continue"));

        BadInputTests.AssertProblem(answer, 413, "body_too_large");
        Assert.Equal("The body may have at most 64 KiB.", answer["detail"].GetString());
    }

    [Fact]
    public void A_picture_of_megabytes_is_copied_once_when_its_bytes_are_decoded()
    {
        var picture = new byte[3_000_000];
        new Random(1).NextBytes(picture);
        // A first call, so that one-time allocations don't count.
        foreach (var isCounted in new[] { false, true })
        {
            var body = Encoding.UTF8.GetBytes($$"""{"prompt":"a","image":"data:image/png;base64,{{Convert.ToBase64String(picture)}}"}""");
            var before = GC.GetAllocatedBytesForCurrentThread();

            var json = JsonBody.Parse(body);
            var input = InputNames.Map(
                InputSchema.Unknown, json.EnumerateObject().ToDictionary(each => each.Name, each => each.Value), default);
            var data = InputData.Decode(Assert.Single(input.Files).Data);
            var hash = CanonicalJson.Hash(json);

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(picture, data.Bytes);
            Assert.Equal(32, hash.Length);
            Assert.True(!isCounted || allocated < picture.Length + 100_000, $"{allocated} bytes for a picture of {picture.Length}");
        }
    }

    [Theory]
    [InlineData("input.prompt", """{"input":{"prompt":"TEXT"}}""")]
    [InlineData("input.negative_prompt", """{"prompt":"a","input":{"negative_prompt":"TEXT"}}""")]
    [InlineData("prompt", """{"prompt":"TEXT"}""")]
    [InlineData("input.replicate_weights", """{"prompt":"a","input":{"replicate_weights":"data:,TEXT"}}""")]
    public async Task No_way_around_the_limits_leads_through_input(string member, string body)
    {
        var length = body.Contains("data:", StringComparison.Ordinal) ? InputLimits.MostBytes : InputLimits.LongestPrompt + 1;

        var answer = await App.GenerateAsync(body.Replace("TEXT", new string('a', length), StringComparison.Ordinal));

        Assert.Contains(answer.Status, (int[])[400, 422]);
        Assert.Equal($"$.{member}", Assert.Single(answer["errors"].EnumerateObject()).Name);
        Assert.Equal(0, App.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_work()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream("{}"u8.ToArray());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => JsonBody.ReadAsync(context.Request, JsonBody.MostBytes, gone.Token).AsTask());
    }

    private static string Body(string what) => what switch
    {
        "one member 25,000 times" => $$"""{"prompt":"a"{{Repeat(25_000, _ => ",\"seed\":1")}}}""",
        "many unknown members" => $$"""{"prompt":"a"{{Repeat(60_000, each => $",\"x{each}\":1")}}}""",
        "many unknown inputs" => $$"""{"prompt":"a","input":{"a":1{{Repeat(50_000, each => $",\"x{each}\":1")}} } }""",
        "many items" => $$"""{"prompt":"a","input":{"x":[0{{Repeat(Large / 2, _ => ",0")}}]} }""",
        "many values" => $$"""{"prompt":"a","input":{"a":1{{Repeat(20, each => $",\"x{each}\":[0{Repeat(999, _ => ",0")}]")}} } }""",
        "a long number" => $$"""{"prompt":"a","seed":1{{new string('0', 1_000_000)}}}""",
        "a long number in a list" => $$"""{"prompt":"a","input":{"x":[1,0.{{new string('1', 400)}}]} }""",
        "a long name" => $$"""{"prompt":"a","{{new string('n', Large)}}":1}""",
        "a long prompt" => $$"""{"prompt":"{{new string('a', Large)}}"}""",
        "a data URI of escapes" => $$"""{"prompt":"a","image":"data:image\/png;base64,{{Repeat(400_000, _ => "\\u0041")}}"}""",
        _ => $$"""{"prompt":"a","input":{"a":1{{Repeat(900, each => $",\"x{each}\":\"{new string('t', 2_000)}\"")}} } }""",
    };

    private static string Repeat(int count, Func<int, string> piece)
    {
        var text = new StringBuilder();
        for (var each = 0; each < count; each++)
            text.Append(piece(each));
        return text.ToString();
    }
}
