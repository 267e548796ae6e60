using System.Text;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Keys;
using GenApi.Tests.Generations;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Accounts;

/// <summary>/accounts/keys, and the effect of its changes on the next request.</summary>
public sealed class KeyRoutesTests
{
    [Fact]
    public async Task A_key_is_shown_once_and_kept_as_prefix_and_hash()
    {
        await using var app = await Keys.StartAsync(new() { ["Logging:LogLevel:Default"] = "Debug" });

        var made = await app.PostAsync("/accounts/keys", new { name = "web shop" }, Keys.AsAdmin);
        var secret = made["secret"].GetString()!;
        var used = await app.GetAsync("/generations", Keys.Of(secret));
        var shown = await app.GetAsync(made.Header("Location")!, Keys.AsAdmin);
        var list = await app.GetAsync("/accounts/keys", Keys.AsAdmin);

        Assert.Equal((201, 200, 200), (made.Status, used.Status, shown.Status));
        Assert.Equal("no-store", made.Header("Cache-Control"));
        Assert.Equal("web shop", shown["name"].GetString());
        Assert.Equal(secret[..15], shown["prefix"].GetString());
        Assert.Equal("""["generate","read"]""", shown["rights"].GetRawText());
        Assert.Equal(System.Text.Json.JsonValueKind.String, shown["last_used_at"].ValueKind);
        Assert.DoesNotContain(secret[15..], shown.Text + list.Text, StringComparison.Ordinal);
        Assert.Equal(1, list["data"].GetArrayLength());
        Assert.DoesNotContain(
            app.Logs, line => line.Contains(secret[15..], StringComparison.Ordinal) || line.Contains(Keys.Admin, StringComparison.Ordinal));
        await app.StopAsync();
        Assert.All(
            Directory.GetFiles(app.DataDirectory), file =>
                Assert.DoesNotContain(secret[15..], Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Either_header_will_do_and_Bearer_may_be_written_anyhow()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("shop");

        Assert.Equal(200, (await app.GetAsync("/generations", ("X-Api-Key", secret))).Status);
        Assert.Equal(200, (await app.GetAsync("/generations", ("Authorization", $"bearer   {secret}"))).Status);
        Assert.Equal(200, (await app.GetAsync("/generations", ("Authorization", "Basic dXNlcjpwYXNz"), ("X-Api-Key", secret))).Status);
        Assert.Equal(401, (await app.GetAsync("/generations", ("Authorization", secret))).Status);
        Assert.Equal(401, (await app.GetAsync("/generations", ("Authorization", "Bearer "))).Status);
        Assert.Equal(401, (await app.GetAsync("/generations", ("X-Api-Key", new string('x', 5000)))).Status);
    }

    [Theory]
    [InlineData("unknown", "The API key is not known here.")]
    [InlineData("damaged", "The API key is incomplete")]
    [InlineData("revoked", "The API key has been revoked.")]
    [InlineData("expired", "The API key has expired.")]
    public async Task What_is_wrong_with_a_key_is_told_to_its_holder(string how, string sentence)
    {
        await using var app = await Keys.StartAsync();
        var keys = app.Services.GetRequiredService<ApiKeys>();
        var ct = TestContext.Current.CancellationToken;
        var good = await keys.CreateAsync(new KeyTerms("good", KeyRights.Read, null), Actor.AtTheMachine, ct);
        var expired = await keys.CreateAsync(new KeyTerms("old", KeyRights.Read, good.Key.CreatedAt), Actor.AtTheMachine, ct);
        if (how == "revoked")
            await app.DeleteAsync($"/accounts/keys/{KeyContractId(good)}", Keys.AsAdmin);
        var secret = how switch
        {
            "unknown" => KeySecret.Make(),
            "damaged" => good.Secret[..^1],
            "expired" => expired.Secret,
            _ => good.Secret,
        };

        var answer = await app.GetAsync("/generations", Keys.Of(secret));

        Assert.Equal((401, "unauthenticated"), (answer.Status, answer.Code));
        Assert.StartsWith(sentence, answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal("Bearer realm=\"GenApi\", error=\"invalid_token\"", answer.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task A_change_holds_from_the_next_request_on()
    {
        await using var app = await Keys.StartAsync();
        var (id, secret) = await app.MakeAsync("shop", "read");
        var key = Keys.Of(secret);
        Assert.Equal((403, "forbidden"), await StatusAsync(app.GenerateAsync(Requests.Small(1), key)));

        var changed = await app.SendAsync(
            HttpMethod.Patch, $"/accounts/keys/{id}", Json("""{"rights":["generate"],"name":"shop 2"}"""), Keys.AsAdmin);

        Assert.Equal((200, "shop 2"), (changed.Status, changed["name"].GetString()));
        Assert.Equal(200, (await app.GenerateAsync(Requests.Small(1), key)).Status);
        Assert.Equal((403, "forbidden"), await StatusAsync(app.GetAsync("/generations", key)));
    }

    [Fact]
    public async Task A_rotated_key_is_the_same_key_with_another_secret()
    {
        await using var app = await Keys.StartAsync();
        var (id, old) = await app.MakeAsync("shop");

        var rotated = await app.PostAsync($"/accounts/keys/{id}/rotate", null, Keys.AsAdmin);

        Assert.Equal((200, id), (rotated.Status, rotated.Id));
        Assert.Equal(401, (await app.GetAsync("/generations", Keys.Of(old))).Status);
        Assert.Equal(200, (await app.GetAsync("/generations", Keys.Of(rotated["secret"].GetString()!))).Status);
    }

    [Fact]
    public async Task A_revoked_key_stays_revoked_and_is_listed()
    {
        await using var app = await Keys.StartAsync();
        var (id, secret) = await app.MakeAsync("shop");

        Assert.Equal(204, (await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin)).Status);
        Assert.Equal(204, (await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin)).Status);

        Assert.Equal(
            (409, "conflict"),
            await StatusAsync(app.SendAsync(HttpMethod.Patch, $"/accounts/keys/{id}", Json("""{"name":"x"}"""), Keys.AsAdmin)));
        Assert.Equal((409, "conflict"), await StatusAsync(app.PostAsync($"/accounts/keys/{id}/rotate", null, Keys.AsAdmin)));
        Assert.Equal(
            System.Text.Json.JsonValueKind.String, (await app.GetAsync($"/accounts/keys/{id}", Keys.AsAdmin))["revoked_at"].ValueKind);
        await app.RestartAsync();
        Assert.Equal(401, (await app.GetAsync("/generations", Keys.Of(secret))).Status);
    }

    [Fact]
    public async Task Last_used_is_in_its_row_after_a_stop()
    {
        await using var app = await Keys.StartAsync();
        var (id, secret) = await app.MakeAsync("shop");
        await app.GetAsync("/generations", Keys.Of(secret));
        var before = (await app.GetAsync($"/accounts/keys/{id}", Keys.AsAdmin))["last_used_at"].GetString();

        await app.RestartAsync();

        Assert.NotNull(before);
        Assert.Equal(before, (await app.GetAsync($"/accounts/keys/{id}", Keys.AsAdmin))["last_used_at"].GetString());
    }

    public static TheoryData<string, string> BadBodies => new()
    {
        { """{}""", "$.name" },
        { """{"name":""}""", "$.name" },
        { """{"name":"a\nb"}""", "$.name" },
        { """{"name":"x","rights":[]}""", "$.rights" },
        { """{"name":"x","rights":"read"}""", "$.rights" },
        { """{"name":"x","rights":["write"]}""", "$.rights" },
        { """{"name":"x","expires_at":"2001-01-01T00:00:00Z"}""", "$.expires_at" },
        { """{"name":"x","expires_at":"tomorrow"}""", "$.expires_at" },
        { """{"name":"x","right":["read"]}""", "$.right" },
        { """{"name":"x","name":"y"}""", "$.name" },
        { """[]""", "$" },
    };

    [Theory, MemberData(nameof(BadBodies))]
    public async Task What_is_wrong_with_a_body_is_named(string body, string path)
    {
        await using var app = await Keys.StartAsync();

        var answer = await app.PostAsync("/accounts/keys", body, Keys.AsAdmin);

        Assert.Equal((400, "invalid_request"), (answer.Status, answer.Code));
        Assert.True(answer["errors"].TryGetProperty(path, out _), answer.Text);
        Assert.Equal(0, (await app.GetAsync("/accounts/keys", Keys.AsAdmin))["data"].GetArrayLength());
    }

    [Fact]
    public async Task A_revoked_key_is_no_longer_waited_for_nor_told_anything()
    {
        await using var app = await Keys.StartAsync();
        var (id, secret) = await app.MakeAsync("shop");
        var held = app.Sandbox.Faults.Add(GenApi.Sandbox.Control.FaultKind.RunHeldProcessing);
        var waiting = app.GenerateAsync(Requests.Small(1), Keys.Of(secret), ("Prefer", "wait=30"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var running = (await app.GetAsync("/generations", Keys.AsAdmin))["data"][0].GetProperty("id").GetString();
        var looking = app.GetAsync($"/generations/{running}", Keys.Of(secret), ("Prefer", "wait=30"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/generations/{running}/events");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {secret}");
        using var events = await app.Client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var stream = new StreamReader(await events.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith("retry:", await stream.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);

        // All three end while the run is still held.
        Assert.Equal((401, "unauthenticated"), await StatusAsync(waiting));
        Assert.Equal(401, (await looking).Status);
        Assert.DoesNotContain("event: done", await RestAsync(stream), StringComparison.Ordinal);
        held.Release();
        Assert.Equal("succeeded", (await app.GetAsync($"/generations/{running}", Keys.AsAdmin, ("Prefer", "wait=20"))).State);
    }

    private static async Task<string> RestAsync(StreamReader stream)
    {
        var text = new StringBuilder();
        try
        {
            while (await stream.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
                text.AppendLine(line);
        }
        catch (IOException)
        {
            // The connection was cut, as intended.
        }
        return text.ToString();
    }

    private static string KeyContractId(MadeKey made) => GenApi.Core.Persistence.PublicId.Format("key_", made.Key.Id);

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<(int, string)> StatusAsync(Task<Answer> asking) =>
        await asking is var answer ? (answer.Status, answer.Code) : default;
}
