using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GenApi.Core.Images;

namespace GenApi.Tests.Images;

public sealed class ImageEndpointsTests(ImagesHost host) : IClassFixture<ImagesHost>, IAsyncLifetime
{
    private readonly byte[] _bytes = Pictures.Png(61, 43);
    private StoredImage _image = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _image = await host.StoreAsync(_bytes);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("")]
    [InlineData(".png")]
    [InlineData(".jpeg")]
    public async Task The_bytes_come_as_they_are_with_everything_a_cache_needs(string extension)
    {
        using var answer = await host.Client.GetAsync(ImagesHost.UrlOf(_image) + extension, Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(_bytes, await answer.Content.ReadAsByteArrayAsync(Stop));
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(_bytes.Length, answer.Content.Headers.ContentLength);
        Assert.Equal($"\"{_image.Sha256}\"", answer.Headers.ETag?.ToString());
        Assert.Equal("private, max-age=31536000, immutable", answer.Headers.NonValidated["Cache-Control"].ToString());
        Assert.Equal("bytes", answer.Headers.AcceptRanges.Single());
        Assert.Equal("inline; filename=\"a-cat-42.png\"", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal(_image.CreatedAt.ToUnixTimeSeconds(), answer.Content.Headers.LastModified?.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Head_tells_the_same_without_the_bytes()
    {
        using var answer = await SendAsync(HttpMethod.Head, request => request.Headers.Range = new RangeHeaderValue(0, 9));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(_bytes.Length, answer.Content.Headers.ContentLength);
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.ToString());
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task A_download_is_an_attachment()
    {
        using var answer = await host.Client.GetAsync(ImagesHost.UrlOf(_image) + "?download", Stop);

        Assert.Equal("attachment; filename=\"a-cat-42.png\"", answer.Content.Headers.ContentDisposition?.ToString());
    }

    [Fact]
    public async Task A_name_in_another_script_is_told_both_ways()
    {
        var image = await host.StoreAsync(Pictures.Png(9, 9), fileName: "bär-42");

        using var answer = await host.Client.GetAsync(ImagesHost.UrlOf(image), Stop);

        Assert.Equal(
            "inline; filename=\"b_r-42.png\"; filename*=UTF-8''b%C3%A4r-42.png",
            answer.Content.Headers.NonValidated["Content-Disposition"].ToString());
    }

    [Theory]
    [InlineData("If-None-Match", "{tag}", 304)]
    [InlineData("If-None-Match", "W/{tag}", 304)]
    [InlineData("If-None-Match", "\"a, b\", W/\"c\" ,{tag}", 304)]
    [InlineData("If-None-Match", "*", 304)]
    [InlineData("If-None-Match", "\"other\"", 200)]
    [InlineData("If-None-Match", "{bare}", 200)]
    [InlineData("If-Modified-Since", "{date}", 304)]
    [InlineData("If-Modified-Since", "Mon, 01 Jan 2024 00:00:00 GMT", 200)]
    [InlineData("If-Modified-Since", "yesterday", 200)]
    [InlineData("If-Match", "{tag}", 200)]
    [InlineData("If-Match", "*", 200)]
    [InlineData("If-Match", "W/{tag}", 412)]
    [InlineData("If-Match", "\"other\"", 412)]
    [InlineData("If-Unmodified-Since", "{date}", 200)]
    [InlineData("If-Unmodified-Since", "Mon, 01 Jan 2024 00:00:00 GMT", 412)]
    public async Task Conditions_are_answered_as_the_standard_says(string header, string value, int status)
    {
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            using var answer = await SendAsync(method, request => request.Headers.TryAddWithoutValidation(header, Fill(value)));

            Assert.Equal(status, (int)answer.StatusCode);
            if (status == 304)
            {
                Assert.Equal($"\"{_image.Sha256}\"", answer.Headers.ETag?.ToString());
                Assert.Contains("immutable", answer.Headers.NonValidated["Cache-Control"].ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_tag_outranks_a_date()
    {
        using var answer = await SendAsync(HttpMethod.Get, request =>
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", "\"other\"");
            request.Headers.TryAddWithoutValidation("If-Modified-Since", Fill("{date}"));
        });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=100-", 100, int.MaxValue)]
    [InlineData("bytes=-7", -7, 7)]
    [InlineData("bytes=5-99999999999999999999999", 5, int.MaxValue)]
    [InlineData("BYTES=0-0", 0, 1)]
    [InlineData("bytes=-99999999", 0, int.MaxValue)]
    public async Task A_range_is_answered_with_that_part(string range, int from, int count)
    {
        using var answer = await SendAsync(HttpMethod.Get, request => request.Headers.TryAddWithoutValidation("Range", range));

        var start = from < 0 ? _bytes.Length + from : from;
        var expected = _bytes.Skip(start).Take(count).ToArray();
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(expected, await answer.Content.ReadAsByteArrayAsync(Stop));
        Assert.Equal($"bytes {start}-{start + expected.Length - 1}/{_bytes.Length}", answer.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData("bytes=0-1,4-5")]
    [InlineData("bytes=9-5")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=-")]
    [InlineData("bytes=+1-2")]
    [InlineData("lines=1-2")]
    public async Task A_range_that_is_several_or_makes_no_sense_is_answered_with_the_whole(string range)
    {
        using var answer = await SendAsync(HttpMethod.Get, request => request.Headers.TryAddWithoutValidation("Range", range));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(_bytes, await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData("bytes=99999999-")]
    [InlineData("bytes=-0")]
    public async Task A_range_outside_the_image_is_told_its_length(string range)
    {
        using var answer = await SendAsync(HttpMethod.Get, request => request.Headers.TryAddWithoutValidation("Range", range));

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
        Assert.Equal($"bytes */{_bytes.Length}", answer.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData("{tag}", 206)]
    [InlineData("{date}", 206)]
    [InlineData("W/{tag}", 200)]
    [InlineData("\"other\"", 200)]
    [InlineData("Mon, 01 Jan 2024 00:00:00 GMT", 200)]
    public async Task A_download_is_resumed_only_when_it_is_the_same_image(string ifRange, int status)
    {
        using var answer = await SendAsync(HttpMethod.Get, request =>
        {
            request.Headers.TryAddWithoutValidation("Range", "bytes=10-19");
            request.Headers.TryAddWithoutValidation("If-Range", Fill(ifRange));
        });

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("img_00000000000000000000000000")]
    [InlineData("gen_00000000000000000000000000")]
    [InlineData("img_short.png")]
    [InlineData("{id}.")]
    [InlineData("{id}.tar.gz")]
    [InlineData("{id}.notanext")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    public async Task What_does_not_exist_is_not_found(string id)
    {
        using var answer = await host.Client.GetAsync(
            "/images/" + id.Replace("{id}", ImagesHost.UrlOf(_image)[8..], StringComparison.Ordinal), Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("not_found", await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_deleted_image_stays_unknown_however_often_it_was_served_before()
    {
        for (var time = 0; time < 4; time++)
            Assert.Equal(_bytes, await host.Client.GetByteArrayAsync(ImagesHost.UrlOf(_image), Stop));

        await host.DeleteAsync(_image.Id);

        using var answer = await SendAsync(HttpMethod.Get, request => request.Headers.TryAddWithoutValidation("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task Missing_bytes_are_an_error_and_never_an_empty_picture(int servedBefore)
    {
        await using var own = await ImagesHost.StartAsync(("Blobs:HotBytes", TestBlobs.HotBytes));
        var image = await own.StoreAsync(_bytes);
        for (var time = 0; time < servedBefore; time++)
            await own.Client.GetByteArrayAsync(ImagesHost.UrlOf(image), Stop);
        await own.Bytes.DeleteAsync(image.BlobKey);

        using var answer = await own.Client.GetAsync(ImagesHost.UrlOf(image), Stop);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("blob_missing", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Null(answer.Headers.ETag);
    }

    [Fact]
    public async Task An_image_too_large_for_memory_comes_whole_from_the_disk()
    {
        var large = Pictures.Png(1100, 1100);
        var image = await host.StoreAsync(large);
        Assert.True(large.Length > 2 << 20);

        for (var time = 0; time < 3; time++)
            Assert.Equal(large, await host.Client.GetByteArrayAsync(ImagesHost.UrlOf(image), Stop));
        using var part = new HttpRequestMessage(HttpMethod.Get, ImagesHost.UrlOf(image))
        {
            Headers = { Range = new RangeHeaderValue(70_000, 699_999) },
        };
        using var answer = await host.Client.SendAsync(part, Stop);
        Assert.Equal(large[70_000..700_000], await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task A_vector_image_can_run_nothing()
    {
        var image = await host.StoreAsync(
            Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"));

        using var answer = await host.Client.GetAsync(ImagesHost.UrlOf(image), Stop);

        Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType?.ToString());
        Assert.StartsWith(
            "sandbox; default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shared_caches_may_be_allowed()
    {
        await using var open = await ImagesHost.StartAsync(("Images:CacheControl", "public"));
        var image = await open.StoreAsync(_bytes);

        using var answer = await open.Client.GetAsync(ImagesHost.UrlOf(image), Stop);

        Assert.Equal("public, max-age=31536000, immutable", answer.Headers.NonValidated["Cache-Control"].ToString());
    }

    [Theory]
    [InlineData("Images:CacheControl", "shared", "private, public")]
    [InlineData("Blobs:Provider", "tape", "disk, s3")]
    public async Task An_unknown_setting_ends_the_start_and_lists_what_is_known(string key, string value, string known)
    {
        var failure = await Assert.ThrowsAsync<GenApi.Core.Errors.SettingException>(() => ImagesHost.StartAsync((key, value)));

        Assert.Equal($"{key}: '{value}' is not known. Allowed: {known}.", failure.Message);
    }

    private string Fill(string value) => value
        .Replace("{tag}", $"\"{_image.Sha256}\"", StringComparison.Ordinal)
        .Replace("{bare}", _image.Sha256, StringComparison.Ordinal)
        .Replace("{date}", _image.CreatedAt.ToString("r"), StringComparison.Ordinal);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Action<HttpRequestMessage> arrange)
    {
        using var request = new HttpRequestMessage(method, ImagesHost.UrlOf(_image));
        arrange(request);
        return await host.Client.SendAsync(request, Stop);
    }
}
