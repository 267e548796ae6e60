using System.Globalization;
using System.Text;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using GenApi.Tests.Accounts;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Webhooks;

/// <summary>Each key has its own webhook secret, which its holder reads and rotates.</summary>
public sealed class KeyWebhookTests
{
    private const string Path = "/accounts/me/webhook-secret", Rotate = Path + "/rotate";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asked_is_told_with_its_own_secret_alone_even_of_a_run_that_is_shared_and_after_a_restart()
    {
        await using var first = await Receiver.StartAsync();
        await using var second = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(Settings(first, second));
        var (one, other) = (Keys.Of((await app.MakeAsync("one")).Secret), Keys.Of((await app.MakeAsync("other")).Secret));
        string[] secrets = [await SecretAsync(app, one), await SecretAsync(app, other), Installation(app)];
        Assert.Equal(3, secrets.Distinct().Count());

        var made = await app.GenerateAsync(Fox(first), one);
        var shared = await app.GenerateAsync(Fox(second), other);

        Assert.Equal(made.Id, shared.Id);
        Assert.Equal(secrets[..1], Proving(await first.NextAsync(1), secrets));
        Assert.Equal(secrets[1..2], Proving(await second.NextAsync(1), secrets));

        await app.RestartAsync();
        string[] again = [await SecretAsync(app, one), await SecretAsync(app, other), Installation(app)];
        Assert.Equal(secrets, again);
        // Whoever redelivers it, the secret is that of the account that asked for it.
        await RedeliverAsync(app, made.Id, first, Keys.AsAdmin);
        Assert.Equal(secrets[..1], Proving(await first.NextAsync(2), secrets));
    }

    [Fact]
    public async Task After_a_rotation_the_old_secret_signs_too_for_a_day_and_then_no_more()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(receiver.Settings, time: time);
        var key = Keys.Of((await app.MakeAsync("shop")).Secret);
        var old = await SecretAsync(app, key);
        var id = await GenerateAsync(app, receiver, time, key);
        Assert.Single(Signatures(await receiver.NextAsync(1)));

        var rotated = await app.PostAsync(Rotate, null, key);
        var at = time.GetUtcNow();
        var young = rotated["secret"].GetString()!;
        var read = await app.GetAsync(Path, key);
        await RedeliverAsync(app, id, receiver, key);
        var both = await receiver.NextAsync(2);

        Assert.Equal((200, "no-store", "no-store"), (rotated.Status, rotated.Header("Cache-Control"), read.Header("Cache-Control")));
        Assert.Equal(rotated.Text, read.Text);
        var other = Assert.Single(read["also_signed_with"].EnumerateArray());
        Assert.Equal("key", other.GetProperty("secret_of").GetString());
        Assert.Equal(at + TimeSpan.FromDays(1), other.GetProperty("until").GetDateTimeOffset());
        Assert.Equal(2, Signatures(both).Length);
        Assert.Equal([young, old], Proving(both, young, old, Installation(app)));

        await PassAsync(app, time, TimeSpan.FromHours(24) - TimeSpan.FromSeconds(5));
        await RedeliverAsync(app, id, receiver, key);
        Assert.Equal([young, old], Proving(await receiver.NextAsync(3), young, old));
        await PassAsync(app, time, TimeSpan.FromSeconds(5));
        await RedeliverAsync(app, id, receiver, key);
        var alone = await receiver.NextAsync(4);
        Assert.Equal([young], Proving(alone, young, old));
        Assert.Single(Signatures(alone));
        Assert.Empty((await app.GetAsync(Path, key))["also_signed_with"].EnumerateArray());
    }

    [Fact]
    public async Task A_key_from_before_is_verified_by_what_its_receivers_have_until_its_secret_is_rotated()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(receiver.Settings, time: time);
        var key = Keys.Of((await app.MakeAsync("shop")).Secret);
        await app.StopAsync();
        await Damage.ExecuteAsync(app, "UPDATE ApiKeys SET WebhookSalts = '[]' RETURNING 1");
        await app.StartAgainAsync();

        var before = await app.GetAsync(Path, key);
        var own = before["secret"].GetString()!;
        var id = await GenerateAsync(app, receiver, time, key);

        Assert.Equal("""[{"secret_of":"installation","until":null}]""", before["also_signed_with"].GetRawText());
        Assert.Equal([own, Installation(app)], Proving(await receiver.NextAsync(1), own, Installation(app)));

        var young = (await app.PostAsync(Rotate, null, key))["secret"].GetString()!;
        await RedeliverAsync(app, id, receiver, key);
        Assert.Equal([young, own, Installation(app)], Proving(await receiver.NextAsync(2), young, own, Installation(app)));
        var others = (await app.GetAsync(Path, key))["also_signed_with"].EnumerateArray();
        Assert.Equal(["key", "installation"], others.Select(each => each.GetProperty("secret_of").GetString()));
        await PassAsync(app, time, TimeSpan.FromHours(24));
        await RedeliverAsync(app, id, receiver, key);
        Assert.Equal([young], Proving(await receiver.NextAsync(3), young, own, Installation(app)));
    }

    [Fact]
    public async Task Changed_again_and_again_each_secret_keeps_its_day_and_a_fifth_has_to_wait()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(receiver.Settings, time: time);
        var (keyId, secret) = await app.MakeAsync("shop");
        var key = Keys.Of(secret);
        var secrets = new List<string> { await SecretAsync(app, key) };
        for (var turn = 0; turn < 4; turn++)
            secrets.Insert(0, (await app.PostAsync(Rotate, null, key))["secret"].GetString()!);

        var fifth = await app.PostAsync(Rotate, null, key);
        var byAdmin = await app.PostAsync($"/accounts/keys/{keyId}/webhook-secret/rotate", null, Keys.AsAdmin);
        await GenerateAsync(app, receiver, time, key);

        Assert.Equal(5, secrets.Distinct().Count());
        Assert.Equal((409, "conflict", 409), (fifth.Status, fifth.Code, byAdmin.Status));
        Assert.Equal(secrets, Proving(await receiver.NextAsync(1), [.. secrets]));
        await PassAsync(app, time, TimeSpan.FromHours(24));
        Assert.Equal(200, (await app.PostAsync(Rotate, null, key)).Status);
    }

    [Fact]
    public async Task An_administrator_changes_it_for_a_key_and_every_change_is_written_down()
    {
        await using var app = await Keys.StartAsync();
        var (id, secret) = await app.MakeAsync("shop");
        var path = $"/accounts/keys/{id}/webhook-secret/rotate";

        var byAdmin = await app.PostAsync(path, null, Keys.AsAdmin);
        var read = await app.GetAsync(Path, Keys.Of(secret));
        var own = await app.PostAsync(Rotate, null, Keys.Of(secret));
        await app.PostAsync($"/accounts/keys/{id}/rotate", null, Keys.AsAdmin);
        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);
        var revoked = await app.PostAsync(path, null, Keys.AsAdmin);
        var audit = await app.GetAsync("/accounts/audit", Keys.AsAdmin);

        Assert.Equal((200, "no-store"), (byAdmin.Status, byAdmin.Header("Cache-Control")));
        Assert.Equal((id, "key"), (byAdmin["account"].GetString(), byAdmin["secret_of"].GetString()));
        Assert.Equal(byAdmin.Text, read.Text);
        Assert.Equal((409, "conflict"), (revoked.Status, revoked.Code));
        const string nobodys = "/accounts/keys/key_01m874sb8sejtsw12hbne676v8/webhook-secret/rotate";
        Assert.Equal(404, (await app.PostAsync(nobodys, null, Keys.AsAdmin)).Status);
        var acts = audit["data"].EnumerateArray()
            .Select(entry => (entry.GetProperty("act").GetString()!, entry.GetProperty("actor_name").GetString()!));
        const string admin = "Accounts:AdminKey", rotate = "key.rotate_webhook_secret";
        Assert.Equal([("key.revoke", admin), ("key.rotate", admin), (rotate, "shop"), (rotate, admin), ("key.create", admin)], acts);
        Assert.DoesNotContain(own["secret"].GetString()!, audit.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_revoked_key_asked_for_is_still_signed_with_its_secret()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(receiver.Settings);
        var (id, secret) = await app.MakeAsync("shop");
        var own = await SecretAsync(app, Keys.Of(secret));
        var made = await app.GenerateAsync(Fox(receiver), Keys.Of(secret));
        await receiver.NextAsync(1);

        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);
        await RedeliverAsync(app, made.Id, receiver, Keys.AsAdmin);

        Assert.Equal([own], Proving(await receiver.NextAsync(2), own, Installation(app)));
    }

    [Fact]
    public async Task Without_keys_the_installations_secret_signs_and_is_told_and_strangers_beside_keys_are_told_none()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        var open = await app.GetAsync(Path);
        await app.GenerateAsync(Fox(receiver));

        Assert.Equal(("open", "installation"), (open["account"].GetString(), open["secret_of"].GetString()));
        Assert.Equal((Installation(app), "[]"), (open["secret"].GetString(), open["also_signed_with"].GetRawText()));
        Assert.Equal([Installation(app)], Proving(await receiver.NextAsync(1), Installation(app)));
        Assert.Equal((409, "conflict"), await StatusAsync(app.PostAsync(Rotate)));

        var (young, old) = (WebhookSecret.New().Reveal(), WebhookSecret.New().Reveal());
        await app.RestartAsync(new()
        {
            ["Accounts:AdminKey"] = Keys.Admin,
            ["Accounts:AllowAnonymous"] = "true",
            ["Webhooks:SigningSecret"] = $"{young} {old}",
        });
        var admin = await app.GetAsync(Path, Keys.AsAdmin);
        Assert.Equal(("admin-key", young), (admin["account"].GetString(), admin["secret"].GetString()));
        Assert.Equal("""[{"secret_of":"installation","until":null}]""", admin["also_signed_with"].GetRawText());
        Assert.Equal((409, "conflict"), await StatusAsync(app.PostAsync(Rotate, null, Keys.AsAdmin)));
        Assert.Equal((403, "forbidden"), await StatusAsync(app.GetAsync(Path)));
        Assert.Equal((403, "forbidden"), await StatusAsync(app.PostAsync(Rotate)));
        await app.GenerateAsync(Fox(receiver));
        Assert.Equal([young, old], Proving(await receiver.NextAsync(2), young, old));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task Neither_the_database_nor_the_log_has_a_secret_or_what_it_is_made_from_and_a_lost_root_is_told()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(new(receiver.Settings) { ["Logging:LogLevel:Default"] = "Trace" });
        var key = Keys.Of((await app.MakeAsync("shop")).Secret);
        var file = System.IO.Path.Combine(app.DataDirectory, "webhook-root-key");
        var root = (await File.ReadAllTextAsync(file, Ended)).Trim();
        string[] secrets = [await SecretAsync(app, key), (await app.PostAsync(Rotate, null, key))["secret"].GetString()!, root];
        await app.GenerateAsync(Fox(receiver), key);
        await receiver.NextAsync(1);
        var logs = app.Logs;
        await app.StopAsync();

        Assert.DoesNotContain(logs, line => line.Contains("webhook-root-key", StringComparison.Ordinal));
        var database = Directory.GetFiles(app.DataDirectory, "genapi.db*").SelectMany(File.ReadAllBytes).ToArray();
        Assert.True(database.AsSpan().IndexOf("key.rotate_webhook_secret"u8) >= 0);
        foreach (var secret in secrets.Select(each => each["whsec_".Length..]))
        {
            Assert.DoesNotContain(logs, line => line.Contains(secret, StringComparison.Ordinal));
            Assert.True(database.AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret)) < 0);
            Assert.True(database.AsSpan().IndexOf(Convert.FromBase64String(secret)) < 0);
        }

        File.Move(file, file + ".kept");
        await app.StartAgainAsync();
        Assert.Contains(app.Logs, line => line.Contains("webhook-root-key was missing", StringComparison.Ordinal));
        Assert.DoesNotContain(await SecretAsync(app, key), secrets);
        await app.StopAsync();
        File.Move(file + ".kept", file, overwrite: true);
        await app.StartAgainAsync();
        Assert.DoesNotContain(app.Logs, line => line.Contains("webhook-root-key was missing", StringComparison.Ordinal));
        Assert.Equal(secrets[1], await SecretAsync(app, key));
    }

    private static object Fox(Receiver receiver) => new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url };

    private static Dictionary<string, string?> Settings(Receiver first, Receiver second) =>
        new(first.Settings) { ["Webhooks:AllowedPrivateHosts:1"] = second.Settings["Webhooks:AllowedPrivateHosts:0"] };

    private static async Task<string> SecretAsync(GenApiApp app, (string, string) key)
    {
        var answer = await app.GetAsync(Path, key);
        Assert.True(answer.Status == 200, answer.Text);
        return answer["secret"].GetString()!;
    }

    private static string Installation(GenApiApp app) => app.Services.GetRequiredService<ISecretStore>()
        .ReadOrMake("webhook-signing-secret", "Webhooks", () => throw new InvalidOperationException("There is none.")).Trim();

    /// <summary>The secrets with which a receiver would have accepted the message.</summary>
    private static IEnumerable<string> Proving(Receiver.Message message, params string[] secrets)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(message.Headers.Timestamp!, CultureInfo.InvariantCulture));
        var body = Encoding.UTF8.GetBytes(message.Request.Body);
        return secrets.Where(
            text => WebhookSecret.TryParse(text, out var secret) && WebhookSignature.IsValid([secret], message.Headers, body, at));
    }

    private static string[] Signatures(Receiver.Message message) => message.Headers.Signature!.Split(' ');

    private static async Task<string> GenerateAsync(GenApiApp app, Receiver receiver, FakeTimeProvider time, (string, string) key)
    {
        var making = app.GenerateAsync(Fox(receiver), key);
        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(50), () => making.IsCompleted);
        return (await making).Id;
    }

    /// <summary>Passes time while the service is stopped: a running one would make a round for each second.</summary>
    private static async Task PassAsync(GenApiApp app, FakeTimeProvider time, TimeSpan span)
    {
        await app.StopAsync();
        time.Advance(span);
        await app.StartAgainAsync();
    }

    /// <summary>Redelivers the generation's message to a receiver.</summary>
    private static async Task RedeliverAsync(GenApiApp app, string id, Receiver receiver, (string, string) key)
    {
        var rows = (await app.GetAsync($"/generations/{id}/deliveries", key))["data"].EnumerateArray();
        var row = rows.Single(
            each => receiver.Url.StartsWith(each.GetProperty("url").GetString()!.TrimEnd('?', '…'), StringComparison.Ordinal));
        var delivery = row.GetProperty("id").GetString();
        Assert.Equal(202, (await app.PostAsync($"/generations/{id}/deliveries/{delivery}/redeliver", null, key)).Status);
    }

    private static async Task<(int, string)> StatusAsync(Task<Answer> asking)
    {
        var answer = await asking;
        return (answer.Status, answer.Code);
    }
}
