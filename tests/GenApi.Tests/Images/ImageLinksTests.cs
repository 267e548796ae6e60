using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using GenApi.Tests.Servers;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Images;

/// <summary>Tests the signatures of links, their expiry and the key behind them.</summary>
public sealed class ImageLinksTests : IDisposable
{
    private static readonly Guid Image = new("019b7c3e-5d3f-7a51-8c1e-0d2f4b6a8c9e");

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-links-").FullName;
    private readonly DataDirectory _directory;

    public ImageLinksTests() => _directory = new(Options.Create(new DatabaseOptions { DataDirectory = _folder }));

    private string KeyFile => Path.Combine(_folder, ImageLinks.KeyFile);

    public void Dispose()
    {
        _directory.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    // The life of a link, the time now, and when links expire that are issued then: the same for an eighth of the life.
    [InlineData(3600, 900_000_000, 900_003_600)]
    [InlineData(3600, 900_000_001, 900_003_600)]
    [InlineData(3600, 900_000_449, 900_003_600)]
    [InlineData(3600, 900_000_450, 900_004_050)]
    [InlineData(60, 700, 760)]
    [InlineData(60, 706, 760)]
    [InlineData(60, 707, 767)]
    [InlineData(5, 1003, 1008)]
    [InlineData(5, 1004, 1009)]
    public void A_link_holds_for_seven_eighths_of_its_life_at_least(int life, long now, long expires) =>
        Assert.Equal(expires, Links(life).ExpiryFrom(DateTimeOffset.FromUnixTimeSeconds(now)));

    [Fact]
    public void A_link_carries_its_expiry_and_half_of_the_hash_of_image_and_expiry()
    {
        var links = Links();

        var query = links.Query(Image, 1234);

        var text = new byte[24];
        Image.TryWriteBytes(text, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(text.AsSpan(16), 1234);
        var hash = HMACSHA256.HashData(Convert.FromHexString(File.ReadAllText(KeyFile).Trim()), text);
        Assert.Equal($"?expires=1234&sig={Base64Url.EncodeToString(hash.AsSpan(0, 16))}", query);
    }

    [Fact]
    public void A_signature_is_of_one_image_and_one_expiry()
    {
        var links = Links();
        var signature = links.Query(Image, 1234).Split("sig=")[1];
        var changed = (signature[0] == 'A' ? 'B' : 'A') + signature[1..];

        Assert.True(links.IsOurs(Image, 1234, signature));
        Assert.True(Links().IsOurs(Image, 1234, signature));
        Assert.False(links.IsOurs(Image, 1235, signature));
        Assert.False(links.IsOurs(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), 1234, signature));
        foreach (var other in new[] { "", signature[1..], signature + "A", signature.ToUpperInvariant(), changed })
            Assert.False(links.IsOurs(Image, 1234, other));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task The_key_is_made_at_the_start_and_kept_for_good()
    {
        await Links().PrepareAsync(TestContext.Current.CancellationToken);
        var key = await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken);
        await Links().PrepareAsync(TestContext.Current.CancellationToken);

        Assert.Equal(key, await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken));
        Assert.Matches("^[0-9a-f]{64}\n$", key);
        File.Delete(KeyFile);
        await Links().PrepareAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(key, await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(64, 'a', true)]
    [InlineData(64, 'F', true)]
    [InlineData(64, 'g', false)]
    [InlineData(63, 'a', false)]
    [InlineData(65, 'a', false)]
    [InlineData(62, 'a', false)]
    [InlineData(0, 'a', false)]
    [OnlyOnSqlite]
    public async Task A_file_that_is_no_key_refuses_the_start_and_stays_as_it_is(int digits, char last, bool isOne)
    {
        var text = digits == 0 ? "\n" : new string('0', digits - 1) + last + "\n";
        await File.WriteAllTextAsync(KeyFile, text, TestContext.Current.CancellationToken);

        var preparing = Links().PrepareAsync;
        if (isOne)
            await preparing(TestContext.Current.CancellationToken);
        else
            Assert.Contains("64 hexadecimal digits", (await Assert.ThrowsAsync<SettingException>(
                () => preparing(TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);

        Assert.Equal(text, await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken));
    }

    private ImageLinks Links(int life = 3600) => new(new FileSecrets(_directory), TimeSpan.FromSeconds(life));
}
