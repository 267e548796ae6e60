namespace GenApi.Tests.Accounts;

/// <summary>The verb beside a real service.</summary>
public sealed class KeysVerbTests
{
    [Fact]
    public async Task A_key_is_made_before_the_first_start_and_lets_it_listen_anywhere()
    {
        await using var app = await GenApiApp.StartProcessAsync(new() { ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information" });
        await app.StopAsync();
        Directory.Delete(app.DataDirectory, recursive: true);

        var (exitCode, output, errors) = await app.VerbAsync("keys", "create", "--name", "first", "--admin");
        Assert.Equal(0, exitCode);
        Assert.Matches("^genapi_[0-9A-Za-z]{46}\n$", output);
        Assert.Matches("^key_[0-9a-z]{26} 'first', rights generate, read, admin. This is the only time", errors);
        await app.StartAgainAsync(new() { ["Urls"] = "http://*:0" });

        Assert.Equal(401, await StatusAsync(app, null));
        Assert.Equal(200, await StatusAsync(app, output.Trim()));
    }

    [Fact]
    public async Task The_running_service_notices_a_new_key_and_a_revoked_one()
    {
        await using var app = await Keys.StartAsync();

        var (exitCode, output, errors) = await app.VerbAsync("keys", "create", "--name", "shop", "--rights", "read", "--days", "30", "--day-budget", "5.00");
        Assert.Equal(0, exitCode);
        var key = Keys.Of(output.Trim());
        await UntilAsync(app, key, 200);
        Assert.Equal(403, (await app.PostAsync("/generate", new { prompt = "a fox" }, key)).Status);

        var id = errors.Split(' ')[0];
        Assert.Equal("5", (await app.GetAsync($"/accounts/keys/{id}", Keys.AsAdmin))["budgets", "day", "limit_usd"].GetString());
        var list = await app.VerbAsync("keys", "list");
        Assert.Equal(0, list.ExitCode);
        Assert.StartsWith($"{id}\t{output[..15]}…\tread\tshop\texpires ", list.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await app.VerbAsync("keys", "revoke", id)).ExitCode);
        await UntilAsync(app, key, 401);
    }

    [Theory]
    [InlineData("--name is missing", "keys", "create")]
    [InlineData("--rights takes some of generate, read, admin", "keys", "create", "--name", "x", "--rights", "write")]
    [InlineData("--days takes a whole number", "keys", "create", "--name", "x", "--days", "0")]
    [InlineData("--month-budget takes US dollars", "keys", "create", "--name", "x", "--month-budget", "much")]
    [InlineData("'forget' is not understood.", "keys", "forget")]
    [InlineData("'key_1' is no id of a key", "keys", "revoke", "key_1")]
    [InlineData("Something is missing.", "keys")]
    [InlineData("There is no such key.", "keys", "revoke", "key_01m874sb8sejtsw12hbne676v8")]
    public async Task What_is_not_understood_is_told_and_makes_nothing(string sentence, params string[] arguments)
    {
        await using var app = await Keys.StartAsync();

        var (exitCode, output, errors) = await app.VerbAsync(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(sentence, errors, StringComparison.Ordinal);
        Assert.Equal(0, (await app.GetAsync("/accounts/keys", Keys.AsAdmin))["data"].GetArrayLength());
    }

    /// <summary>The service looks every second; a request is asked again until the answer changes.</summary>
    private static async Task UntilAsync(GenApiApp app, (string, string) key, int status)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await app.GetAsync("/generations", key)).Status is var seen && seen != status)
            Assert.False(patience.IsCancellationRequested, $"Still {seen} after 20 seconds.");
    }

    private static async Task<int> StatusAsync(GenApiApp app, string? secret)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{app.Address.Port}/generations");
        if (secret is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {secret}");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }
}
