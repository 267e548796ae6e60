using GenApi.Core.Accounts;

namespace GenApi.Tests.Accounts;

public sealed class KeySecretTests
{
    [Fact]
    public void A_secret_can_be_told_from_its_like()
    {
        var secret = KeySecret.Make();

        Assert.Matches("^genapi_[0-9A-Za-z]{46}$", secret);
        Assert.True(KeySecret.IsWhole(secret));
        Assert.NotEqual(secret, KeySecret.Make());
        Assert.False(KeySecret.IsWhole(secret.AsSpan(0, secret.Length - 1).ToString()));
        Assert.False(KeySecret.IsWhole(secret + "0"));
        // One misread character, at any position.
        for (var at = KeySecret.Start.Length; at < secret.Length; at++)
            Assert.False(KeySecret.IsWhole($"{secret[..at]}{(secret[at] == 'x' ? 'y' : 'x')}{secret[(at + 1)..]}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("genapi_")]
    [InlineData("r8_0123456789abcdefghijklmnopqrstuvwxyzT")]
    public void What_is_no_secret_of_ours_is_not_whole(string text) => Assert.False(KeySecret.IsWhole(text));
}
