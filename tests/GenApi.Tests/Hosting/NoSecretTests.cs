using System.Text;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;

namespace GenApi.Tests.Hosting;

/// <summary>
/// Uses Replicate's token, the keys of a caller and the administrator, and the signing secret in the right and in every wrong place, with
/// the most verbose logs. Then it searches all files, logs and answers of the service for them. <see cref="SecretSearch"/> does the same
/// for every other test.
/// </summary>
public sealed class NoSecretTests
{
    private const string Signing = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    [Fact]
    public async Task No_secret_is_in_logs_database_files_answers_or_the_command_line()
    {
        await using var app = await GenApiApp.StartProcessAsync(new()
        {
            ["Accounts:AdminKey"] = Keys.Admin,
            ["Webhooks:SigningSecret"] = Signing,
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft"] = "Trace",
            ["Logging:LogLevel:System"] = "Trace",
        });
        var (id, key) = await app.MakeAsync("shop");
        var logs = app.Logs;
        var answers = new List<Answer>();

        var made = await app.GenerateAsync(Requests.Small(1), Keys.Of(key));
        Assert.Equal(200, made.Status);
        answers.Add(made);
        answers.Add(await app.GetAsync(made.ImageUrl().PathAndQuery, ("X-Api-Key", key)));
        answers.Add(await app.GetAsync("/accounts/keys", Keys.AsAdmin));
        var own = (await app.GetAsync("/accounts/me/webhook-secret", Keys.Of(key)))["secret"].GetString()!;
        foreach (var secret in (string[])[key, GenApiApp.Token, Signing, own])
            answers.AddRange(await MisplacedAsync(app, secret, key));
        // An answer may repeat a text that does not look like a secret to its caller, but logs must not have it.
        app.Secrets.Expect("the answer to GET /an-admin-key");
        await app.GetAsync("/" + Keys.Admin, Keys.AsAdmin);
        // Text of an upstream about its caller.
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Text = $"401 for 'Authorization: Bearer {GenApiApp.Token}'" });
        var failed = await app.GenerateAsync(Requests.Small(2), Keys.Of(key));
        Assert.Contains("Bearer r8_…", failed.Text, StringComparison.Ordinal);
        answers.Add(failed);
        answers.Add(await app.PostAsync($"/accounts/keys/{id}/rotate", null, Keys.Of(key)));
        answers.Add(await app.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin));
        answers.Add(await app.GetAsync("/generations", Keys.Of(key)));
        var commandLine = CommandLineOf(app.Folder);
        await app.StopAsync();

        Assert.Contains("GenApi.dll", commandLine, StringComparison.Ordinal);
        var said = string.Join('\n', answers.Select(answer => answer.Text + string.Join('\n', answer.Headers)));
        var written = string.Join('\n', logs);
        // The search works: it finds the marks of scrubbed secrets.
        Assert.Contains("/genapi_…", written, StringComparison.Ordinal);
        Assert.Contains("genapi_…", said, StringComparison.Ordinal);
        var files = Directory.GetFiles(app.DataDirectory, "*", SearchOption.AllDirectories)
            .Select(path => (Name: path, Bytes: File.ReadAllBytes(path))).ToList();
        Assert.Contains(files, file => file.Bytes.AsSpan().IndexOf("a red fox"u8) >= 0);
        foreach (var secret in (string[])[key, GenApiApp.Token, Keys.Admin, Signing, own])
        {
            Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, written, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, commandLine, StringComparison.Ordinal);
            Assert.All(files, file => Assert.True(file.Bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, file.Name));
        }
    }

    private static async Task<List<Answer>> MisplacedAsync(GenApiApp app, string secret, string key)
    {
        var holder = Keys.Of(key);
        return
        [
            await app.GetAsync("/" + secret),
            await app.GetAsync("/generations/" + secret, holder),
            await app.GetAsync("/models/" + secret, holder),
            await app.GetAsync($"/generations?cursor={Uri.EscapeDataString(secret)}&{Uri.EscapeDataString(secret)}=1", holder),
            await app.GetAsync("/generations", Keys.Of(secret + "x")),
            await app.GetAsync("/generations", ("Authorization", $"Token {secret}")),
            await app.GenerateAsync(Requests.Small(1), holder, ("Prefer", $"wait={secret}")),
            await app.GenerateAsync($$"""{"prompt": "a fox", "width": "{{secret}}", "{{secret}}": 1}""", holder),
            await app.GenerateAsync($$"""{"prompt": "a fox", "model": "{{secret}}"}""", holder),
            await app.GenerateAsync($$"""{"prompt": "a fox", "webhook": "{{secret}}"}""", holder),
            await app.GenerateAsync($$"""{"prompt": {{secret}}""", holder),
            await app.PostAsync("/accounts/keys", new { name = "x", rights = new[] { secret } }, Keys.AsAdmin),
        ];
    }

    private static string CommandLineOf(string workingDirectory)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (Directory.ResolveLinkTarget(Path.Combine(process, "cwd"), returnFinalTarget: false)?.FullName == workingDirectory)
                    return File.ReadAllText(Path.Combine(process, "cmdline"));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // The file is gone meanwhile, or another user owns it.
            }
        }
        return "";
    }
}
