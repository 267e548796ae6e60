using GenApi.Core.Errors;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Tests.Replicate;

public sealed class DataUriTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("data:image/png;base64,AQIDBA==", "image/png", "01020304")]
    [InlineData("DATA:image/png;BASE64,AQIDBA", "image/png", "01020304")]
    [InlineData("data:image/png;base64,AQID%0ABA%3D%3D", "image/png", "01020304")]
    [InlineData("data:image/svg+xml;charset=utf-8,%3Csvg/%3E+", "image/svg+xml;charset=utf-8", "3C7376672F3E2B")]
    [InlineData("data:,é", "text/plain", "C3A9")]
    [InlineData("data:image/png;base64,", "image/png", "")]
    public async Task A_data_uri_is_decoded(string uri, string type, string hex)
    {
        await using var rig = new ReplicateRig(new Uri("http://127.0.0.1:1"));

        await using var file = await rig.Downloader.OpenAsync(uri, Cancel);

        Assert.Equal((type, (long?)(hex.Length / 2)), (file.ContentType, file.Length));
        Assert.Equal(hex, Convert.ToHexString(await ReadAsync(file)));
    }

    [Fact]
    public async Task A_long_data_uri_is_decoded_piece_by_piece()
    {
        await using var rig = new ReplicateRig(new Uri("http://127.0.0.1:1"));

        byte[] picture = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31))];

        await using var file = await rig.Downloader.OpenAsync("data:image/png;base64," + Convert.ToBase64String(picture), Cancel);

        Assert.Equal(picture, await ReadAsync(file));
    }

    [Theory]
    [InlineData("data:image/png;base64")]
    [InlineData("data:image/png;base64,A?==")]
    [InlineData("data:text/plain,100%")]
    [InlineData("data:text/plain,%zz")]
    [InlineData("data:image/png;base64,AQIDBAUGBwg=")]
    [InlineData("data:text/plain,12345678")]
    [InlineData("data:text/plain,1234567890123456789012345")]
    public async Task A_data_uri_that_is_malformed_or_too_long_is_refused(string uri)
    {
        await using var rig = new ReplicateRig(new Uri("http://127.0.0.1:1"), null, ("Replicate:MaxOutputBytes", "7"));

        var fault = await ReplicateRig.FailsAsync(rig.Downloader.OpenAsync(uri, Cancel));

        Assert.Equal((ErrorKind.UnusableOutput, false), (fault.Kind, fault.IsTransient));
    }

    private static async Task<byte[]> ReadAsync(OutputFile file)
    {
        using var bytes = new MemoryStream();
        await file.Content.CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }
}
