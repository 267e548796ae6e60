using System.Text.Json;
using GenApi.Accounts;

namespace GenApi.Tests.Accounts;

/// <summary>The verb next to a running service.</summary>
public sealed class KeysVerbTests
{
    [Fact]
    public async Task A_key_is_made_before_the_first_start_and_lets_it_listen_anywhere()
    {
        await using var app = await GenApiApp.StartProcessAsync(new() { ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information" });
        await app.StopAsync();
        await app.Store.EmptyAsync();

        var (exitCode, output, errors) = await app.VerbAsync("keys", "create", "--name", "first", "--admin");
        Assert.Equal(0, exitCode);
        Assert.Matches("^genapi_[0-9A-Za-z]{46}\n$", output);
        Assert.Matches("\nkey_[0-9a-z]{26} 'first', rights generate, read, admin. This is the only time", errors);
        var folder = app.Store.Database is null ? $"Data directory: {app.DataDirectory}\n" : "";
        Assert.StartsWith($"{folder}There was no store yet. A new one was created.\n", errors, StringComparison.Ordinal);
        await app.StartAgainAsync(new() { ["Urls"] = "http://*:0" });

        Assert.Equal(401, await StatusAsync(app, null));
        Assert.Equal(200, await StatusAsync(app, output.Trim()));
    }

    [Fact]
    public async Task The_running_service_notices_a_new_key_and_a_revoked_one()
    {
        await using var app = await Keys.StartAsync();

        var (exitCode, output, errors) = await app.VerbAsync(
            "keys", "create", "--name", "shop", "--rights", "read", "--days", "30", "--day-budget", "5.00");
        Assert.Equal(0, exitCode);
        var key = Keys.Of(output.Trim());
        await UntilAsync(app, key, 200);
        Assert.Equal(403, (await app.PostAsync("/generate", new { prompt = "a fox" }, key)).Status);

        Assert.StartsWith($"Data directory: {app.DataDirectory}\nkey_", errors, StringComparison.Ordinal);
        var id = errors.Split('\n')[1].Split(' ')[0];
        Assert.Equal("5", (await app.GetAsync($"/accounts/keys/{id}", Keys.AsAdmin))["budgets", "day", "limit_usd"].GetString());
        var list = await app.VerbAsync("keys", "list");
        Assert.Equal(0, list.ExitCode);
        Assert.StartsWith($"{id}\t{output[..15]}…\tread\tshop\texpires ", list.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await app.VerbAsync("keys", "revoke", id)).ExitCode);
        await UntilAsync(app, key, 401);
    }

    [Theory]
    [InlineData("--days takes a whole number", "keys", "create", "--name", "x", "--days", "0")]
    [InlineData("--admin and --rights exclude each other", "keys", "create", "--name", "x", "--admin", "--rights", "read")]
    [InlineData(
        "--days and --expires-at exclude each other", "keys", "create", "--name", "x", "--days", "1",
        "--expires-at", "2040-01-01T00:00:00Z")]
    [InlineData("There is no 'keys rewoke'. Did you mean revoke? keys takes one of create, list, revoke", "keys", "rewoke")]
    [InlineData("'key_1' is not the id of a key", "keys", "revoke", "key_1")]
    [InlineData("Something is missing after keys. keys takes one of create, list, revoke", "keys")]
    [InlineData("keys revoke needs <key_…>", "keys", "revoke")]
    [InlineData("keys list does not take --name.", "keys", "list", "--name", "x")]
    [InlineData("There is no such key.", "keys", "revoke", "key_01m874sb8sejtsw12hbne676v8")]
    public async Task What_is_not_understood_is_told_and_makes_nothing(string sentence, params string[] arguments)
    {
        await using var app = await Keys.StartAsync();

        var (exitCode, output, errors) = await app.VerbAsync(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
        Assert.Equal(0, (await app.GetAsync("/accounts/keys", Keys.AsAdmin))["data"].GetArrayLength());
    }

    [Fact]
    public async Task Whatever_the_route_takes_is_an_option_and_what_it_refuses_is_refused_in_its_words()
    {
        await using var app = await Keys.StartAsync();
        var right = new
        {
            name = "batch",
            rights = new[] { "read", "metrics" },
            expires_at = "2040-01-31T12:00:00Z",
            requests_per_minute = 120,
            generations_per_minute = 0,
            budgets = new { day = "5.00", month = "50", total = "500.5" },
            end_user_budgets = new { day = "0.50", month = "5", total = "50" },
        };
        var wrong = new
        {
            name = " ",
            rights = new[] { "read", "write" },
            expires_at = "2020-01-31T12:00:00Z",
            requests_per_minute = -1,
            generations_per_minute = "many",
            budgets = new { day = "much", month = "-1", total = "0.0000001" },
            end_user_budgets = new { day = "little", month = "-2", total = "0.0000002" },
        };

        var made = await app.PostAsync("/accounts/keys", right, Keys.AsAdmin);
        var byHand = await app.VerbAsync(Arguments(right));
        var refused = await app.PostAsync("/accounts/keys", wrong, Keys.AsAdmin);
        var (exitCode, output, errors) = await app.VerbAsync(Arguments(wrong));

        // Every member of the route was tried.
        Assert.Equal(KeyRequestReader.Members, JsonSerializer.SerializeToElement(right).EnumerateObject().Select(member => member.Name));
        Assert.Equal((201, 0), (made.Status, byHand.ExitCode));
        var keys = (await UntilAsync(app, 2)).ConvertAll(
            key =>
                key.EnumerateObject().Where(member => member.Name is not ("id" or "prefix" or "created_at"))
                    .Select(member => member.ToString()));
        Assert.Equal(keys[0], keys[1]);
        Assert.Equal((400, 2, ""), (refused.Status, exitCode, output));
        var sentences = refused["errors"].EnumerateObject()
            .SelectMany(member => member.Value.EnumerateArray().Select(sentence => sentence.GetString()!)).ToList();
        Assert.Equal(11, sentences.Count);
        Assert.Equal(sentences, errors.Split('\n').TakeWhile(line => !line.StartsWith("keys create --help", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]));
        Assert.StartsWith("--name: 'name' must be", errors, StringComparison.Ordinal);
        Assert.Contains("\n--generations-per-minute: 'generations_per_minute' must be a whole number", errors, StringComparison.Ordinal);
        Assert.StartsWith("--name: 'name' is missing", (await app.VerbAsync("keys", "create")).Errors, StringComparison.Ordinal);
        var help = await app.VerbAsync("keys", "--help");
        Assert.Equal((0, ""), (help.ExitCode, help.Errors));
        Assert.All(
            Arguments(right).Where(argument => argument.StartsWith("--", StringComparison.Ordinal)), option =>
                Assert.Contains(option, help.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_store_nothing_is_listed_or_revoked_and_nothing_is_made()
    {
        var folder = Directory.CreateTempSubdirectory("genapi-none-").FullName;
        try
        {
            var settings = new Dictionary<string, string?> { ["DataDirectory"] = Path.Combine(folder, "data") };
            foreach (var arguments in (string[][])[["keys", "list"], ["keys", "revoke", "key_01m874sb8sejtsw12hbne676v8"], ["usage"],
                ["status"], ["fsck"], ["backup", Path.Combine(folder, "copy")]])
            {
                var (exitCode, output, errors) = await ProgramHere.RunToEndAsync(settings, folder, arguments);

                Assert.Equal((2, ""), (exitCode, output));
                Assert.Contains(Path.Combine(folder, "data"), errors, StringComparison.Ordinal);
                Assert.Contains("there is no", errors, StringComparison.Ordinal);
                Assert.Empty(Directory.GetFileSystemEntries(folder));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_list_beside_a_stopped_service_makes_and_changes_no_file()
    {
        await using var app = await Keys.StartAsync();
        await app.MakeAsync("shop");
        await app.StopAsync();
        var before = Files(app);

        Assert.Contains("\tshop\t", (await app.VerbAsync("keys", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await app.VerbAsync("usage")).ExitCode);
        Assert.Equal(0, (await app.VerbAsync("status")).ExitCode);

        Assert.Equal(before, Files(app));
    }

    private static List<string> Files(GenApiApp app) =>
        [.. new DirectoryInfo(app.DataDirectory).GetFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(each => $"{each.FullName} {each.LastWriteTimeUtc:O} {(each as FileInfo)?.Length}").Order()];

    /// <summary>Converts a body of the route to options: <c>budgets.day</c> is <c>--day-budget</c>.</summary>
    private static string[] Arguments(object body)
    {
        List<string> arguments = ["keys", "create"];
        foreach (var member in JsonSerializer.SerializeToElement(body).EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Object)
            {
                var whose = member.Name.Replace("budgets", "", StringComparison.Ordinal).Replace('_', '-');
                arguments.AddRange(
                    member.Value.EnumerateObject().SelectMany(each => (string[])[$"--{whose}{each.Name}-budget", each.Value.GetString()!]));
            }
            else
            {
                arguments.AddRange(
                    [$"--{member.Name.Replace('_', '-')}",
                        member.Value.ValueKind == JsonValueKind.Array
                            ? string.Join(',', member.Value.EnumerateArray())
                            : member.Value.ToString()]);
            }
        }
        return [.. arguments];
    }

    /// <summary>Waits until this many keys are known.</summary>
    private static async Task<List<JsonElement>> UntilAsync(GenApiApp app, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var keys = (await app.GetAsync("/accounts/keys", Keys.AsAdmin))["data"].EnumerateArray().ToList();
            if (keys.Count == count)
                return keys;
            Assert.False(patience.IsCancellationRequested, $"Still {keys.Count} keys after 20 seconds.");
        }
    }

    /// <summary>Sends a request again until the answer changes; the service checks every second.</summary>
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
