using System.Data.Common;
using System.Text;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Images;
using GenApi.Tests.Webhooks;

namespace GenApi.Tests.Accounts;

/// <summary>Administrators' acts are in rows that no one can change.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task Every_act_over_HTTP_and_at_the_command_line_is_listed_with_who_what_and_from_where()
    {
        await using var app = await Keys.StartAsync(new() { ["Logging:LogLevel:GenApi"] = "Information" });
        var (id, secret) = await app.MakeAsync("shop");
        await app.SendAsync(
            HttpMethod.Patch, $"/accounts/keys/{id}",
            new StringContent("""{"name":"web shop","rights":["read"]}""", Encoding.UTF8, "application/json"), Keys.AsAdmin);
        await app.PostAsync($"/accounts/keys/{id}/rotate", null, Keys.AsAdmin);
        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);
        // Repeated acts and refused acts do nothing.
        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);
        Assert.Equal(409, (await app.PostAsync($"/accounts/keys/{id}/rotate", null, Keys.AsAdmin)).Status);
        var verb = await app.VerbAsync("keys", "create", "--name", "by hand", "--days", "1");

        var all = await app.GetAsync("/accounts/audit", Keys.AsAdmin);
        var first = await app.GetAsync("/accounts/audit?limit=2", Keys.AsAdmin);
        var second = await app.GetAsync($"/accounts/audit?limit=3&cursor={first["next_cursor"].GetString()}", Keys.AsAdmin);

        Assert.Equal(0, verb.ExitCode);
        var entries = all["data"].EnumerateArray().ToList();
        Assert.Equal(
            ["key.create", "key.revoke", "key.rotate", "key.change", "key.create"],
            entries.Select(entry => entry.GetProperty("act").GetString()));
        Assert.Equal(
            ("command line", Environment.UserName, "by hand"),
            (entries[0].GetProperty("from").GetString(), entries[0].GetProperty("actor_name").GetString(),
                entries[0].GetProperty("key_name").GetString()));
        Assert.All(entries[1..], entry =>
        {
            Assert.Equal(id, entry.GetProperty("key_id").GetString());
            Assert.Equal(
                ("Accounts:AdminKey", "127.0.0.1"), (entry.GetProperty("actor_name").GetString(), entry.GetProperty("from").GetString()));
            Assert.StartsWith("key_", entry.GetProperty("actor_key_id").GetString(), StringComparison.Ordinal);
        });
        Assert.Equal(
            "name 'web shop', rights read, expires never; before: name 'shop', rights generate, read, expires never",
            entries[3].GetProperty("detail").GetString());
        Assert.Equal(
            entries.Select(entry => entry.ToString()),
            [.. first["data"].EnumerateArray().Select(entry => entry.ToString()),
                .. second["data"].EnumerateArray().Select(entry => entry.ToString())]);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, second["next_cursor"].ValueKind);
        Assert.DoesNotContain(secret, all.Text, StringComparison.Ordinal);
        Assert.Contains(
            app.Logs, line =>
                line.StartsWith("AUDIT: ", StringComparison.Ordinal) && line.Contains(" key.revoke ", StringComparison.Ordinal)
                    && line.Contains(id, StringComparison.Ordinal));
        Assert.Equal(400, (await app.GetAsync("/accounts/audit?limt=2", Keys.AsAdmin)).Status);
    }

    [Fact]
    public async Task What_is_done_to_anothers_thing_is_listed_and_what_is_done_to_ones_own_is_not()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(receiver.Settings);
        var (id, secret) = await app.MakeAsync("shop");
        var (shop, admin) = (Keys.Of(secret), Keys.AsAdmin);
        var made = await app.GenerateAsync(new { prompt = "a fox", seed = 1, width = 64, height = 64, webhook = receiver.Url }, shop);
        await receiver.NextAsync(1);
        var delivery = (await app.GetAsync($"/generations/{made.Id}/deliveries", shop))["data"][0].GetProperty("id").GetString();
        var image = made["images"][0].GetProperty("id").GetString();
        var (anothers, own) = (await UploadAsync(app, shop), await UploadAsync(app, admin));
        var held = app.Sandbox.Faults.Add(new Fault(FaultKind.RunHeldProcessing) { Times = 2 });
        var running = await app.GenerateAsync(Requests.Small(2), shop, ("Prefer", "respond-async"));
        var ownRunning = await app.GenerateAsync(Requests.Small(3), admin, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        // Each act is done twice; the second one has no effect.
        (HttpMethod, string)[] acts =
        [
            (HttpMethod.Post, $"/generations/{running.Id}/cancel"), (HttpMethod.Post, $"/generations/{made.Id}/pin"),
            (HttpMethod.Delete, $"/generations/{made.Id}/pin"),
            (HttpMethod.Delete, $"/images/{image}"), (HttpMethod.Delete, $"/uploads/{anothers}"),
            (HttpMethod.Delete, $"/generations/{made.Id}"),
        ];
        Assert.Equal(202, (await app.PostAsync($"/generations/{made.Id}/deliveries/{delivery}/redeliver", null, admin)).Status);
        foreach (var (method, path) in acts)
        {
            Assert.InRange((await app.SendAsync(method, path, null, admin)).Status, 200, 204);
            await app.SendAsync(method, path, null, admin);
        }
        // An administrator's acts on its own resources and mere reading; other callers' acts on their own resources.
        await app.PostAsync($"/generations/{ownRunning.Id}/pin", null, admin);
        await app.PostAsync($"/generations/{ownRunning.Id}/cancel", null, admin);
        await app.DeleteAsync($"/generations/{ownRunning.Id}", admin);
        await app.DeleteAsync($"/uploads/{own}", admin);
        await app.GetAsync($"/generations/{running.Id}", admin);
        await app.PostAsync($"/generations/{running.Id}/pin", null, shop);
        await app.DeleteAsync($"/generations/{running.Id}", shop);

        var entries = (await app.GetAsync("/accounts/audit", admin))["data"].EnumerateArray().Reverse().Skip(1).ToList();
        Assert.Equal(
            [
                $"delivery.redeliver {delivery}", $"generation.cancel {running.Id}", $"generation.pin {made.Id}",
                $"generation.unpin {made.Id}", $"image.delete {image}", $"upload.delete {anothers}", $"generation.delete {made.Id}"],
            entries.Select(entry => $"{entry.GetProperty("act").GetString()} {entry.GetProperty("thing_id").GetString()}"));
        Assert.All(entries, entry => Assert.Equal((id, "shop", "Accounts:AdminKey", "127.0.0.1"),
            (
                entry.GetProperty("key_id").GetString(), entry.GetProperty("key_name").GetString(),
                entry.GetProperty("actor_name").GetString(), entry.GetProperty("from").GetString())));
        Assert.Equal($"of {made.Id}", entries[4].GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("UPDATE AuditEntries SET Act = 'nothing'")]
    [InlineData("DELETE FROM AuditEntries")]
    public async Task The_database_itself_refuses_to_change_what_was_written(string statement)
    {
        await using var app = await Keys.StartAsync();
        await app.MakeAsync("shop");

        var refusal = await Assert.ThrowsAnyAsync<DbException>(() => app.Store.ExecuteAsync(statement));

        Assert.Contains("never changed", refusal.Message, StringComparison.Ordinal);
        Assert.Single((await app.GetAsync("/accounts/audit", Keys.AsAdmin))["data"].EnumerateArray());
    }
    private static async Task<string> UploadAsync(GenApiApp app, (string, string) key) =>
        (await app.SendAsync(HttpMethod.Post, "/uploads", new ByteArrayContent(Pictures.Png(9, 9)), key)).Id;
}
