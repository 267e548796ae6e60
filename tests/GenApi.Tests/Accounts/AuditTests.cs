using System.Text;
using Microsoft.Data.Sqlite;

namespace GenApi.Tests.Accounts;

/// <summary>What administrators did stands in rows that nobody changes.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task Every_act_over_HTTP_and_at_the_command_line_is_listed_with_who_what_and_from_where()
    {
        await using var app = await Keys.StartAsync(new() { ["Logging:LogLevel:GenApi"] = "Information" });
        var (id, secret) = await app.MakeAsync("shop");
        await app.SendAsync(HttpMethod.Patch, $"/accounts/keys/{id}", new StringContent("""{"name":"web shop","rights":["read"]}""", Encoding.UTF8, "application/json"), Keys.AsAdmin);
        await app.PostAsync($"/accounts/keys/{id}/rotate", null, Keys.AsAdmin);
        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);
        // Nothing is done by what was done before, nor by what is refused.
        await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);
        Assert.Equal(409, (await app.PostAsync($"/accounts/keys/{id}/rotate", null, Keys.AsAdmin)).Status);
        var verb = await app.VerbAsync("keys", "create", "--name", "by hand", "--days", "1");

        var all = await app.GetAsync("/accounts/audit", Keys.AsAdmin);
        var first = await app.GetAsync("/accounts/audit?limit=2", Keys.AsAdmin);
        var second = await app.GetAsync($"/accounts/audit?limit=3&cursor={first["next_cursor"].GetString()}", Keys.AsAdmin);

        Assert.Equal(0, verb.ExitCode);
        var entries = all["data"].EnumerateArray().ToList();
        Assert.Equal(["key.create", "key.revoke", "key.rotate", "key.change", "key.create"], entries.Select(entry => entry.GetProperty("act").GetString()));
        Assert.Equal(("command line", Environment.UserName, "by hand"), (entries[0].GetProperty("from").GetString(), entries[0].GetProperty("actor_name").GetString(), entries[0].GetProperty("key_name").GetString()));
        Assert.All(entries[1..], entry =>
        {
            Assert.Equal(id, entry.GetProperty("key_id").GetString());
            Assert.Equal(("Accounts:AdminKey", "127.0.0.1"), (entry.GetProperty("actor_name").GetString(), entry.GetProperty("from").GetString()));
            Assert.StartsWith("key_", entry.GetProperty("actor_key_id").GetString(), StringComparison.Ordinal);
        });
        Assert.Equal("name 'web shop', rights read, expires never; before: name 'shop', rights generate, read, expires never", entries[3].GetProperty("detail").GetString());
        Assert.Equal(entries.Select(entry => entry.ToString()), [.. first["data"].EnumerateArray().Select(entry => entry.ToString()), .. second["data"].EnumerateArray().Select(entry => entry.ToString())]);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, second["next_cursor"].ValueKind);
        Assert.DoesNotContain(secret, all.Text, StringComparison.Ordinal);
        Assert.Contains(app.Logs, line => line.StartsWith("AUDIT: ", StringComparison.Ordinal) && line.Contains("\"key.revoke\"", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal));
        Assert.Equal(400, (await app.GetAsync("/accounts/audit?limt=2", Keys.AsAdmin)).Status);
    }

    [Theory]
    [InlineData("UPDATE AuditEntries SET Act = 'nothing'")]
    [InlineData("DELETE FROM AuditEntries")]
    public async Task The_database_itself_refuses_to_change_what_was_written(string statement)
    {
        await using var app = await Keys.StartAsync();
        await app.MakeAsync("shop");
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(app.DataDirectory, "genapi.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;

        var refusal = await Assert.ThrowsAsync<SqliteException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));

        Assert.Contains("never changed", refusal.Message, StringComparison.Ordinal);
        Assert.Single((await app.GetAsync("/accounts/audit", Keys.AsAdmin))["data"].EnumerateArray());
    }
}
