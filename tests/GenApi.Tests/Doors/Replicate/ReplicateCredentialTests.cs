using GenApi.Accounts;
using GenApi.Accounts.Entrance;
using GenApi.Tests.Accounts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using static GenApi.Tests.Doors.Replicate.ReplicateCalls;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>The schemes in which the clients of doors send a key, and what they see of its limits.</summary>
public sealed class ReplicateCredentialTests
{
    [Fact]
    public async Task Token_is_taken_on_the_door_and_nowhere_else()
    {
        await using var app = await Keys.StartAsync();
        var secret = (await app.MakeAsync("shop")).Secret;

        Assert.Equal(200, (await app.GetAsync(Predictions, ("Authorization", $"Token {secret}"))).Status);
        Assert.Equal(200, (await app.GetAsync(Predictions, ("Authorization", $"token  {secret}"))).Status);
        Assert.Equal(200, (await app.GetAsync(Predictions, ("X-Api-Key", secret))).Status);
        Assert.Equal(401, (await app.GetAsync("/generations", ("Authorization", $"Token {secret}"))).Status);
        var wrong = await app.GetAsync(Predictions, ("Authorization", "Token r8_0123456789abcdefghijklmnopqrstuvwxyz0"));
        Assert.Equal((401, "Unauthenticated"), (wrong.Status, wrong["title"].Text()));
        Assert.Contains("has no key behind Token", (await app.GetAsync(Predictions, ("Authorization", "Token")))["detail"].Text(),
            StringComparison.Ordinal);
        Assert.Contains("the scheme Basic", (await app.GetAsync(Predictions, ("Authorization", "Basic dXNlcjpwYXNz")))["detail"].Text(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic", "user:genapi_key", "genapi_key")]
    [InlineData("basic", ":genapi_key", "genapi_key")]
    [InlineData("Basic", "genapi_key:", "genapi_key")]
    [InlineData("Basic", "user:genapi:key", "genapi:key")]
    [InlineData("Basic", "user", null)]
    [InlineData("Basic", ":", null)]
    [InlineData("Bearer", null, "genapi_key")]
    public void Basic_has_the_key_as_its_password_beside_any_user_name(string scheme, string? pair, string? expected)
    {
        var value = pair is null ? "genapi_key" : Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(pair));
        var headers = new HeaderDictionary { ["Authorization"] = $"{scheme} {value}" };

        var isRead = KeyHeaders.TryRead(headers, KeyScheme.Basic, out var secret, out _);

        Assert.Equal((expected is not null, expected ?? ""), (isRead, secret.ToString()));
        Assert.Equal(pair is null, KeyHeaders.TryRead(headers, KeyScheme.Token, out _, out _));
    }

    [Fact]
    public async Task The_door_shows_what_is_left_of_the_keys_limits()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await Keys.StartAsync(
            new() { ["Accounts:RequestsPerMinute"] = "60", ["Accounts:GenerationsPerMinute"] = "2" }, time: time);
        var shop = Keys.Of((await app.MakeAsync("shop")).Secret);

        var read = await app.GetAsync(Predictions, shop);
        Assert.Equal(("59", "1"), (read.Header("ratelimit-remaining"), read.Header("ratelimit-reset")));
        var made = await app.PredictAsync(1, shop);
        Assert.Equal(("1", "30"), (made.Header("ratelimit-remaining"), made.Header("ratelimit-reset")));
        await app.PredictAsync(2, shop);
        var refused = await app.PredictAsync(3, shop);

        Assert.Equal((429, "0"), (refused.Status, refused.Header("ratelimit-remaining")));
        Assert.Equal(refused.Header("Retry-After"), refused["retry_after"].GetRawText());
        Assert.Null((await app.GetAsync("/generations", shop)).Header("ratelimit-remaining"));
    }

    [Fact]
    public async Task A_key_sees_only_its_own_predictions()
    {
        await using var app = await Keys.StartAsync();
        var (shop, other) = (Keys.Of((await app.MakeAsync("shop")).Secret), Keys.Of((await app.MakeAsync("other")).Secret));
        var made = await app.PredictAsync(1, [shop, Wait]);

        Assert.Equal(404, (await app.PredictionAsync(made.Id, other)).Status);
        Assert.Equal(404, (await app.PostAsync($"{Predictions}/{made.Id}/cancel", null, other)).Status);
        Assert.Equal(404, (await app.GetAsync($"{Predictions}/{made.Id}/stream", other)).Status);
        Assert.Empty((await app.GetAsync(Predictions, other))["results"].EnumerateArray());
        var reader = Keys.Of((await app.MakeAsync("reader", "read")).Secret);
        Assert.Equal(403, (await app.PredictAsync(2, reader)).Status);
    }
}
