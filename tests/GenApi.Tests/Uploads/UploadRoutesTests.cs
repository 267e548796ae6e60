using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Images;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Uploads;

/// <summary>POST, GET and DELETE of /uploads over a real socket.</summary>
public sealed class UploadRoutesTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
{
    private const int Most = 20 << 20;

    private GenApiApp App => shared.App;

    public static TheoryData<string, string> NoImages => new()
    {
        // bytes (a character is a byte), what they look like
        { "", "it looks like an empty file" },
        { "%PDF-1.7\n%\u00E2\u00E3", "a PDF document" },
        { "PK\u0003\u0004\u0014\0\0\0", "a ZIP archive" },
        { "\0\0\0\u0020ftypisom\0\0\u0002\0", "an MP4 video" },
        { "\u001F\u008B\u0008\0\0\0", "a gzip file" },
        { "<!DOCTYPE html><html><body>502</body></html>", "an HTML page (text/html)" },
        { "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "an SVG drawing" },
        // Never parsed: it does not matter that it ends in the middle.
        { "\u00EF\u00BB\u00BF \n<svg><a><a><a b='", "an SVG drawing, which models do not accept. Models accept raster images" },
        { "\u00FF\u00FE<\0s\0v\0g\0/\0>\0", "Models accept raster images" },
        { "a red fox", "plain text" },
        { "{\"image\":1}", "a JSON text" },
        { "data:image/png;base64,AAAA", "a data URI" },
        { "II*\0\u0008\0\0\0", "a TIFF image" },
        { "\u0001\u0002\u0003\u00FF\u00FE", "binary data" },
        { "\u0089PNG\r\n\u001A\n\0\0\0\rIHDR", "a PNG image, but it can't be accepted: The file ends before" },
        { "\u00FF\u00D8\u00FF\u00E0\0\u0010JFIF", "a JPEG image, but it can't be accepted" },
    };

    [Theory]
    [InlineData("image/png")]
    [InlineData("application/octet-stream")]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData(null)]
    public async Task The_bytes_decide_what_it_is_whatever_type_is_stated(string? type)
    {
        var png = Pictures.Png(33, 21);

        var made = await App.UploadAsync(png, type);

        Assert.Equal(201, made.Status);
        Assert.StartsWith("upl_", made.Id, StringComparison.Ordinal);
        Assert.Equal(("image/png", 33, 21, png.Length, Sha256(png)),
            (
                made["content_type"].GetString(), made["width"].GetInt32(), made["height"].GetInt32(), made["bytes"].GetInt32(),
                made["sha256"].GetString()));
        Assert.Equal($"{App.Address}uploads/{made.Id}", made.Header("Location"));
        Assert.Equal(TimeSpan.FromDays(7), made["expires_at"].GetDateTime() - made["created_at"].GetDateTime());
        var seen = await App.GetAsync($"/uploads/{made.Id}");
        Assert.Equal((200, made.Text), (seen.Status, seen.Text));
        Assert.Contains(Sha256(png), await App.BlobsAsync());
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    [InlineData("webp lossy")]
    [InlineData("gif")]
    [InlineData("avif")]
    public async Task A_form_with_one_file_is_the_same(string format)
    {
        var bytes = Pictures.Of(format, 40, 30);

        var made = await App.UploadFormAsync(("whatever", "résumé.exe", bytes));

        Assert.Equal((201, Sha256(bytes)), (made.Status, made["sha256"].GetString()));
        Assert.Equal($"image/{format.Split(' ')[0]}", made["content_type"].GetString());
    }

    [Theory]
    [MemberData(nameof(NoImages))]
    public async Task What_is_no_image_is_415_with_what_it_looks_like_and_leaves_nothing(string text, string looks)
    {
        var before = await App.BlobsAsync();
        var bytes = Encoding.Latin1.GetBytes(text);

        foreach (var answer in new[] { await App.UploadAsync(bytes), await App.UploadFormAsync(("file", "fox.png", bytes)) })
        {
            BadInputTests.AssertProblem(answer, 415, "unsupported_media_type");
            Assert.Contains(looks, answer["detail"].GetString(), StringComparison.Ordinal);
        }
        Assert.Equal(before, await App.BlobsAsync());
        Assert.Empty(App.Leftovers());
    }

    [Fact]
    public async Task An_image_that_claims_to_be_huge_is_refused_before_anybody_decodes_it()
    {
        // A GIF states its size in four bytes without a checksum.
        var bomb = Pictures.Of("gif", 8, 8);
        bomb[6] = bomb[7] = bomb[8] = bomb[9] = 0xFF;

        var answer = await App.UploadAsync(bomb);

        BadInputTests.AssertProblem(answer, 415, "unsupported_media_type");
        Assert.Contains("pixels; the limit is", answer["detail"].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task More_than_20_MiB_is_413(bool asForm, bool lengthIsTold)
    {
        var large = Grown(Most + 1);
        var before = await App.BlobsAsync();

        var answer = await SendAsync(large, asForm, lengthIsTold);

        BadInputTests.AssertProblem(answer, 413, "body_too_large");
        Assert.Contains("20 MiB", answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await App.BlobsAsync());
        Assert.Empty(App.Leftovers());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Exactly_20_MiB_is_taken_though_the_rest_of_the_service_takes_12(bool asForm)
    {
        var answer = await SendAsync(Grown(Most), asForm, lengthIsTold: true);

        Assert.Equal((201, Most), (answer.Status, answer["bytes"].GetInt32()));
    }

    [Fact]
    public async Task A_form_must_hold_one_file_and_nothing_else()
    {
        var png = Pictures.Png(5, 5);
        var before = await App.BlobsAsync();

        var none = await App.UploadFormAsync();
        var two = await App.UploadFormAsync(("a", "a.png", png), ("b", "b.png", png));
        var fieldFirst = await App.UploadFormAsync(("title", null, "x"u8.ToArray()), ("file", "a.png", png));
        var fieldLast = await App.UploadFormAsync(("file", "a.png", png), ("title", null, "x"u8.ToArray()));

        BadInputTests.AssertProblem(none, 400, "invalid_request");
        BadInputTests.AssertProblem(two, 400, "invalid_request");
        Assert.Contains("more than one file", two["detail"].GetString(), StringComparison.Ordinal);
        foreach (var field in new[] { fieldFirst, fieldLast })
        {
            BadInputTests.AssertProblem(field, 400, "invalid_request");
            Assert.Contains("is not a file", field["errors", "title"][0].GetString(), StringComparison.Ordinal);
        }
        Assert.Equal(before, await App.BlobsAsync());
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=xyz")]
    public async Task A_form_that_can_not_be_read_is_400(string type) =>
        BadInputTests.AssertProblem(await App.UploadAsync(Pictures.Png(5, 5), type), 400, "invalid_request");

    [Fact]
    public async Task A_compressed_body_is_415()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Pictures.Png(5, 5), TestContext.Current.CancellationToken);
        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");

        var answer = await App.SendAsync(HttpMethod.Post, "/uploads", content);

        BadInputTests.AssertProblem(answer, 415, "unsupported_media_type");
        Assert.Contains("'gzip'", answer["detail"].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("upl_nope")]
    [InlineData("img_01knf4sgd2e4y8c25mgcv9w4c1")]
    [InlineData("upl_01knf4sgd2e4y8c25mgcv9w4c1")]
    public async Task What_does_not_exist_is_not_found(string id)
    {
        BadInputTests.AssertProblem(await App.GetAsync($"/uploads/{id}"), 404, "not_found");
        BadInputTests.AssertProblem(await App.DeleteAsync($"/uploads/{id}"), 404, "not_found");
    }

    [Fact]
    public async Task A_deleted_upload_is_gone_and_so_are_its_bytes_when_no_other_has_them()
    {
        var png = Pictures.Png(17, 19);
        var one = await App.UploadAsync(png);
        var other = await App.UploadAsync(png);
        Assert.NotEqual(one.Id, other.Id);
        Assert.Single(await App.BlobsAsync(), Sha256(png));

        Assert.Equal(204, (await App.DeleteAsync($"/uploads/{one.Id}")).Status);
        Assert.Equal(404, (await App.GetAsync($"/uploads/{one.Id}")).Status);
        Assert.Equal(404, (await App.DeleteAsync($"/uploads/{one.Id}")).Status);
        Assert.Equal(200, (await App.GetAsync($"/uploads/{other.Id}")).Status);
        Assert.Contains(Sha256(png), await App.BlobsAsync());

        Assert.Equal(204, (await App.DeleteAsync($"/uploads/{other.Id}")).Status);
        Assert.DoesNotContain(Sha256(png), await App.BlobsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_and_an_image_share_their_bytes_and_neither_takes_them_from_the_other(bool imageFirst)
    {
        var made = await App.GenerateAsync(Requests.Small(imageFirst ? 71 : 72));
        var image = await App.GetAsync(made.ImageUrl().PathAndQuery);
        var upload = await App.UploadAsync(image.Body);
        var hash = Sha256(image.Body);
        Assert.Single(await App.BlobsAsync(), hash);
        var routes = new[] { $"/images/{made["images"][0].GetProperty("id").GetString()}", $"/uploads/{upload.Id}" };
        if (!imageFirst)
            Array.Reverse(routes);

        Assert.Equal(204, (await App.DeleteAsync(routes[0])).Status);
        Assert.Contains(hash, await App.BlobsAsync());
        Assert.Equal(200, (await App.GetAsync(routes[1])).Status);

        Assert.Equal(204, (await App.DeleteAsync(routes[1])).Status);
        Assert.DoesNotContain(hash, await App.BlobsAsync());
    }

    /// <summary>Makes a complete PNG with ignored data after its end.</summary>
    private static byte[] Grown(int length)
    {
        var bytes = new byte[length];
        Pictures.Png(5, 5).CopyTo(bytes, 0);
        return bytes;
    }

    private async Task<Answer> SendAsync(byte[] bytes, bool asForm, bool lengthIsTold)
    {
        HttpContent content = lengthIsTold ? new ByteArrayContent(bytes) : new StreamContent(new Unseekable(bytes));
        if (asForm)
            content = new MultipartFormDataContent { { content, "file", "large.png" } };
        else
            content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/uploads") { Content = content };
        // Lets the service refuse before the body is sent; otherwise the connection may break during the upload.
        request.Headers.ExpectContinue = true;
        using var response = await App.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
