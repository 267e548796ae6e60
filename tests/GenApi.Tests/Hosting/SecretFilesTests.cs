using GenApi.Core.Errors;
using GenApi.Hosting.Settings;
using Microsoft.Extensions.Configuration;

namespace GenApi.Tests.Hosting;

/// <summary>Secrets from files: from /run/secrets, and from files that a setting names.</summary>
public sealed class SecretFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-secrets-").FullName;

    [Fact]
    public void Each_file_of_the_folder_is_a_setting_and_the_command_line_wins()
    {
        Write("Replicate__ApiToken", "from-the-folder\n");
        Write("Accounts__AdminKey", "the-admin-key\n");

        var settings = Settings(_folder, "--Accounts:AdminKey=of-the-command-line");

        Assert.Equal("from-the-folder", settings["Replicate:ApiToken"]);
        Assert.Equal("of-the-command-line", settings["Accounts:AdminKey"]);
    }

    [Theory]
    [InlineData("REPLICATE_API_TOKEN")]
    [InlineData("Replicate:ApiToken")]
    [InlineData("Accounts:AdminKey")]
    [InlineData("Webhooks:SigningSecret")]
    public void A_setting_names_the_file_of_its_secret(string key)
    {
        var path = Write("secret", "the secret\n");

        var settings = Settings("/nowhere", $"--{key}_FILE={path}");

        Assert.Equal("the secret", settings[key]);
        new KnownSettings(settings).Section<Core.Accounts.AccountsOptions>("Accounts").Section<Core.Replicate.ReplicateOptions>("Replicate")
            .Section<Core.Webhooks.WebhookOptions>("Webhooks");
    }

    [Fact]
    public void A_file_that_is_not_there_is_told_and_a_secret_in_both_ways_too()
    {
        var path = Write("secret", "the secret");

        Assert.StartsWith("Accounts:AdminKey_FILE: the file '/nowhere/key' can't be read", Refusal("--Accounts:AdminKey_FILE=/nowhere/key"),
            StringComparison.Ordinal);
        Assert.Equal("Accounts:AdminKey_FILE: Accounts:AdminKey is set too. Set one of the two.",
            Refusal($"--Accounts:AdminKey_FILE={path}", "--Accounts:AdminKey=another"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Refusal(params string[] args) => Assert.Throws<SettingException>(() => Settings("/nowhere", args)).Message;

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private ConfigurationManager Settings(string folder, params string[] args)
    {
        var builder = HostSettings.CreateBuilder([$"--contentRoot={_folder}", .. args]);
        builder.AddSettings(folder);
        return builder.Configuration;
    }
}
