using System.Text;
using GenApi.Core.Errors;

namespace GenApi.Tests.Hosting;

/// <summary>The hints for callers that use another service's members, or the right value in the wrong place.</summary>
public sealed class HintTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
{
    private const string Sdxl = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";
    private const string Other = "0000fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";
    private const string Digits = "01knf4sgd2e4y8c25mgcv9w4c1";

    private GenApiApp App => shared.App;

    public static TheoryData<string, string, string> Foreign => new()
    {
        // body, JSON path, the hint
        { """{"prompt":"a","n":4}""", "$.n", "It is OpenAI's name. Write \"num_outputs\": 4." },
        { """{"prompt":"a","size":"1024x768"}""", "$.size", "Write \"width\": 1024, \"height\": 768." },
        { """{"prompt":"a","size":" 1792 × 1024 "}""", "$.size", "Write \"width\": 1792, \"height\": 1024." },
        { """{"prompt":"a","size":"auto"}""", "$.size", "leave them out for the model's own size" },
        { """{"prompt":"a","size":1024}""", "$.size", "Write \"width\" and \"height\" in pixels" },
        { """{"prompt":"a","response_format":"b64_json"}""", "$.response_format", "images[].url" },
        { """{"prompt":"a","stream":true}""", "$.stream", "urls.events" },
        { $$$"""{"version":"{{{Sdxl}}}","input":{"prompt":"a"}}""", "$.version",
            "It is Replicate's name. Write \"model\": \"sdxl\"; \"input\" stays as it is." },
        { $$$"""{"version":"{{{Other}}}","input":{"prompt":"a"}}""", "$.version", $"Write \"model\": \"owner/name:{Other}\"" },
        { $$$"""{"version":"{{{Other}}}","model":"me/mine","input":{"prompt":"a"}}""", "$.version",
            $"Write \"model\": \"me/mine:{Other}\"" },
        { $$$"""{"version":"stability-ai/sdxl:{{{Sdxl}}}","input":{"prompt":"a"}}""", "$.version",
            $"Write \"model\": \"stability-ai/sdxl:{Sdxl}\"" },
        { """{"version":"black-forest-labs/flux-dev","input":{"prompt":"a"}}""", "$.version",
            "Write \"model\": \"black-forest-labs/flux-dev\"" },
        { """{"version":7}""", "$.version", "Write \"model\": \"owner/name:version\"" },
        { """{"prompt":"a","webhook_completed":"https://a.example/"}""", "$.webhook_completed",
            "Write \"webhook\": \"https://a.example/\"." },
        { """{"prompt":"a","num_inference_steps":25}""", "$.num_inference_steps", "Write \"steps\": 25." },
        { """{"prompt":"a","guidance_scale":7.5}""", "$.guidance_scale", "Write \"guidance\": 7.5." },
        { """{"prompt":"a","cfg_scale":7}""", "$.cfg_scale", "Write \"guidance\": 7." },
        { """{"prompt":"a","init_image":"https://a.example/1.png"}""", "$.init_image", "Write \"image\": \"https://a.example/1.png\"." },
        { """{"prompt":"a","prompt_strength":0.8}""", "$.prompt_strength", "Write \"strength\": 0.8." },
        { """{"prompt":"a","batch_size":2}""", "$.batch_size", "Write \"num_outputs\": 2." },
        { """{"prompt":"a","image":"gen_01knf4sgd2e4y8c25mgcv9w4c1"}""", "$.image",
            "it is \"gen_01knf4sgd2e4y8c25mgcv9w4c1\", the id of a generation." },
        { """{"prompt":"a","mask":"fil_01knf4sgd2e4y8c25mgcv9w4c1"}""", "$.mask", "the id of a file." },
        { """{"prompt":"a","model":"https://replicate.com/p/abc"}""", "$.model", "This address is not a model's page." },
    };

    [Theory, MemberData(nameof(Foreign))]
    public async Task What_other_services_call_it_is_answered_with_what_to_write_here(string body, string path, string words)
    {
        var before = App.Sandbox.Stats.CreationAttempts;

        var answer = await App.GenerateAsync(body);

        BadInputTests.AssertProblem(answer, 400, "invalid_request");
        Assert.Contains(words, answer["errors", path][0].GetString(), StringComparison.Ordinal);
        Assert.Equal(before, App.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task A_long_value_is_not_repeated()
    {
        var answer = await App.GenerateAsync($$"""{"prompt":"a","init_image":"data:image/png;base64,{{new string('A', 10_000)}}"}""");

        Assert.Equal("'init_image' is not known here. Write \"image\" with this value.", answer["errors", "$.init_image"][0].GetString());
    }

    [Theory]
    [InlineData("/generations/img_" + Digits, "id", "This is the id of an image; GET /images/{id} gives the image")]
    [InlineData("/generations/fil_" + Digits, "id", "This is the id of a file; GET /files/{id}")]
    [InlineData("/generations/upl_" + Digits + "/events", "id", "This is the id of an upload; GET /uploads/{id}")]
    [InlineData("/generations/key_" + Digits + "/logs", "id", "This is the id of an API key; GET /accounts/keys/{id}")]
    [InlineData("/generations/msg_" + Digits, "id", "This is the id of a webhook message; GET /generations/{id}/deliveries")]
    [InlineData("/images/gen_" + Digits, "id", "This is the id of a generation; GET /generations/{id}")]
    [InlineData("/images/fil_" + Digits + ".mp4", "id", "This is the id of a file; GET /files/{id}")]
    [InlineData("/images/upl_" + Digits + "/info", "id", "This is the id of an upload")]
    [InlineData("/files/img_" + Digits, "id", "This is the id of an image")]
    [InlineData("/files/img_" + Digits + "/info", "id", "This is the id of an image")]
    [InlineData("/uploads/img_" + Digits, "id", "This is the id of an image")]
    [InlineData("/accounts/keys/gen_" + Digits, "id", "This is the id of a generation")]
    [InlineData("/generations/gen_nope", "id", "This id is incomplete: it is gen_ and 26 ")]
    [InlineData("/generations/GEN_01KNF4SGD2E4Y8C25MGCV9W4C1", "id", "Ids are lower case: gen_" + Digits + ".")]
    [InlineData("/generations/s0na0yaha3hgnmjz25k85yv7t2", "id", "An id here is gen_ and 26 characters")]
    public async Task An_id_of_another_kind_says_which_kind_it_is(string path, string part, string words)
    {
        var answer = await App.GetAsync(path);

        BadInputTests.AssertProblem(answer, 404, "not_found");
        Assert.StartsWith("There is no such ", answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.Contains(words, answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.Contains(words, answer["errors", part][0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_id_of_a_delivery_is_told_by_its_own_part_of_the_path()
    {
        var made = await App.GenerateAsync(new { prompt = "a red fox", seed = 11, width = 64, height = 64 });

        var answer = await App.PostAsync($"/generations/{made.Id}/deliveries/{made.Id}/redeliver");

        BadInputTests.AssertProblem(answer, 404, "not_found");
        Assert.Contains("This is the id of a generation", answer["errors", "delivery_id"][0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/models/sdxll", 404, "alias", "The nearest aliases: sdxl")]
    [InlineData("/models/sd%20xl", 400, "alias", "must be an alias, owner/name")]
    [InlineData("/models/stability-ai/sdxll", 404, "name", "the upstream has no model 'stability-ai/sdxll'")]
    [InlineData("/models/stability-ai/sdxl:latest", 400, "name", "64 hexadecimal digits")]
    [InlineData("/models/sdxll/versions", 404, "alias", "The nearest aliases: sdxl")]
    [InlineData("/models/stability-ai/nothing/versions", 404, "name", "the upstream has no model")]
    [InlineData("/models/https://replicate.com/p/abc", 400, "page", "This address is not a model's page.")]
    [InlineData("/models/" + Sdxl, 404, "alias", "a version alone does not identify a model. Write sdxl.")]
    [InlineData("/generations?model=sdxll", 400, "model", "The nearest aliases: sdxl")]
    [InlineData("/generations?model=sd%20xl", 400, "model", "must be an alias, owner/name")]
    [InlineData("/usage?key=gen_" + Digits, 400, "key", "the id of a generation.")]
    public async Task What_is_wrong_with_a_GET_is_told_of_the_part_of_its_address(string path, int status, string part, string words)
    {
        var answer = await App.GetAsync(path);

        Assert.Equal(status, answer.Status);
        Assert.Contains(words, answer["errors", part][0].GetString(), StringComparison.Ordinal);
        Assert.StartsWith($"{part}: ", answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("$.", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(64 << 10, "64 KiB")]
    [InlineData(20 << 20, "20 MiB")]
    [InlineData((20 << 20) + (64 << 10), "20 MiB")]
    [InlineData(104_857_600, "100 MiB")]
    [InlineData(2L << 30, "2 GiB")]
    [InlineData(5L << 40, "5120 GiB")]
    public void Sizes_are_round(long bytes, string text) => Assert.Equal(text, ByteSize.Text(bytes));

    [Theory]
    [InlineData("/generate", 12, "The body may have at most 12 MiB.")]
    [InlineData("/uploads", 20, "The body may have at most 20 MiB.")]
    public async Task A_body_that_is_too_large_is_told_the_round_size(string path, int mebibytes, string detail)
    {
        var ct = TestContext.Current.CancellationToken;
        using var connection = await RawConnection.OpenAsync(App.Address, ct);
        // The length is announced but nothing is sent, so that the connection does not break.
        var length = (mebibytes << 20) + (128 << 10);
        var request = $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n";
        await connection.SendAsync(Encoding.ASCII.GetBytes(request), ct);

        var answer = (await connection.ReadAsync(hasBody: true, leavesStreams: false, ct))!;
        BadInputTests.AssertProblem(answer, 413, "body_too_large");
        Assert.Equal(detail, answer["detail"].GetString());
    }

    [Fact]
    public async Task An_upload_a_byte_too_long_is_told_the_round_size_too()
    {
        using var content = new ByteArrayContent([.. new byte[20 << 20], .. Encoding.ASCII.GetBytes("x")]);

        var answer = await App.SendAsync(HttpMethod.Post, "/uploads", content);

        BadInputTests.AssertProblem(answer, 413, "body_too_large");
        Assert.Equal("An upload may have at most 20 MiB.", answer["detail"].GetString());
    }
}
