using System.Globalization;
using GenApi.Core.Blobs.S3;
using GenApi.Core.Errors;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Blobs.S3;

/// <summary>Tests that a bucket that can't be used ends the start in one sentence, which names the setting.</summary>
public sealed class S3StartTests
{
    [Theory]
    [InlineData("Endpoint", "Endpoint", "s3.example.org", "not an http or https address")]
    [InlineData("Endpoint", "Endpoint", "ftp://s3.example.org", "not an http or https address")]
    [InlineData("Bucket", "Bucket", "", "3 to 63")]
    [InlineData("Bucket", "Bucket", "a/b", "3 to 63")]
    [InlineData("Prefix", "Prefix", "a", "must end with '/'")]
    [InlineData("Prefix", "Prefix", "/a/", "must not begin with it")]
    [InlineData("Region", "Region", "", "set the region")]
    [InlineData("SecretKey", "SecretKey", "", "set both keys")]
    [InlineData("AccessKey", "AccessKey", "", "set both keys")]
    public void What_can_not_be_right_is_found_without_the_server(string named, string setting, string value, string sentence)
    {
        using var rig = new S3Rig();
        var options = new S3Options { Endpoint = "http://127.0.0.1:1", Bucket = "abc", AccessKey = "a", SecretKey = "b" };
        typeof(S3Options).GetProperty(setting)!.SetValue(options, value);

        var refusal = Assert.Throws<SettingException>(() => new S3BlobStore(options, rig.Staging, rig.Files));

        Assert.Equal($"Blobs:S3:{named}", refusal.Key);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_where_nobody_answers_is_named()
    {
        var endpoint = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ServerPrograms.FreePort()}");
        using var rig = new S3Rig();
        var options = new S3Options { Endpoint = endpoint, Bucket = "abc", AccessKey = "a", SecretKey = "b" };
        using var store = new S3BlobStore(options, rig.Staging, rig.Files);

        var refusal = await Assert.ThrowsAsync<SettingException>(() => store.PrepareAsync(TestContext.Current.CancellationToken));

        Assert.Equal("Blobs:S3:Endpoint", refusal.Key);
        Assert.Contains($"'{endpoint}' can't be used", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bucket", "no-such-bucket", "Bucket", "there is no bucket 'no-such-bucket'")]
    [InlineData("AccessKey", "unknown", "AccessKey", "refuses the credentials (InvalidAccessKeyId")]
    [InlineData("SecretKey", "wrong", "AccessKey", "refuses the credentials (SignatureDoesNotMatch")]
    public async Task What_the_server_refuses_is_named(string setting, string value, string named, string sentence)
    {
        S3Rig.SkipIfMissing();
        using var rig = new S3Rig();

        var refusal = await Assert.ThrowsAsync<SettingException>(
            () => rig.StartAsync(change: options => typeof(S3Options).GetProperty(setting)!.SetValue(options, value)));

        Assert.Equal($"Blobs:S3:{named}", refusal.Key);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }
}
