using GenApi.Hosting.Settings;
using GenApi.Hosting.Verbs;
using GenApi.Tests.Documentation;

namespace GenApi.Tests.Hosting;

public sealed class CommandLineTests
{
    private static readonly Verb[] Verbs =
    [
        new("check", "Checks.", _ => Task.FromResult(0))
        {
            Words = [new("place", "what to check")],
            Options = [new("--fast", null, "skips bytes"), new("--since", "folder", "an earlier one")],
        },
        new("health", "Asks.", _ => Task.FromResult(0)),
        new("keys create", "Makes.", _ => Task.FromResult(0)) { Options = [new("--name", "name", "what for") { IsRequired = true }] },
        new("keys list", "Lists.", _ => Task.FromResult(0)),
    ];

    /// <summary>The beginning of the refusal, the allowed form in it, and the arguments.</summary>
    public static TheoryData<string, string, string[]> Wrong => new()
    {
        { "There is no verb 'chekc'. Did you mean check? The verbs are check, health, keys;", "--help explains", ["chekc"] },
        { "There is no verb 'serve'. The verbs are", "--help explains", ["serve"] },
        { "check needs <place>: what to check.", "check --help", ["check"] },
        { "'there' is one word too many.", "check <place> [--fast] [--since <folder>]", ["check", "here", "there"] },
        { "'now' is one word too many.", "Usage: health", ["health", "now"] },
        { "--since needs a value: --since <folder>.", "", ["check", "here", "--since"] },
        { "--since needs a value: --since <folder>.", "", ["check", "here", "--since", "--fast"] },
        { "--since needs a value: --since <folder>.", "", ["check", "here", "--since="] },
        { "--since needs a value: --since <folder>.", "", ["check", "here", "--since", ""] },
        { "--fast takes no value.", "", ["check", "here", "--fast=yes"] },
        { "--fast is given twice.", "Give it once", ["check", "here", "--fast", "--fast"] },
        { "--since is given twice.", "Give it once", ["check", "here", "--since", "a", "--since=b"] },
        { "--fats is neither an option of check nor a setting. Did you mean --fast?", "[--since <folder>]", ["check", "here", "--fats"] },
        { "--sinc is neither an option of check nor a setting. Did you mean --since?", "[--since <folder>]",
            ["check", "here", "--sinc", "x"] },
        { "--nothing is neither an option of health nor a setting. Usage: health", "--DataDirectory /data", ["health", "--nothing"] },
        { "-f is neither an option of check nor a setting.", "[--fast]", ["check", "here", "-f"] },
        { "--DataDirectry is neither an option of check nor a setting. Did you mean --DataDirectory?", "",
            ["check", "here", "--DataDirectry=/data"] },
        { "--Replicat:MaxInFlight is neither an option of check nor a setting. Did you mean --Replicate:MaxInFlight?", "",
            ["check", "here", "--Replicat:MaxInFlight", "5"] },
        { "--DataDirectory needs a value", "", ["check", "here", "--DataDirectory"] },
        { "--DataDirectory needs a value", "", ["check", "here", "--DataDirectory", "--fast"] },
        { "--datadirectory is given twice.", "", ["check", "here", "--DataDirectory=/data", "--datadirectory", "/other"] },
        { "Something is missing after keys. keys takes one of create, list", "keys --help", ["keys"] },
        { "Something is missing after keys. keys takes one of create, list", "keys --help", ["keys", "--name", "x"] },
        { "There is no 'keys lst'. Did you mean list? keys takes one of create, list", "keys --help", ["keys", "lst"] },
        { "keys list does not take --name.", "Usage: keys list", ["keys", "list", "--name", "x"] },
        { "--nme is neither an option of keys create nor a setting. Did you mean --name?", "keys create --name <name>",
            ["keys", "create", "--nme", "x"] },
    };

    [Theory]
    [InlineData()]
    [InlineData("--Urls", "http://*:80")]
    [InlineData("--environment=Production", "--contentRoot=/app")]
    [InlineData("DataDirectory=/data")]
    [InlineData("/Urls", "http://*:80")]
    public void What_begins_with_a_setting_serves(params string[] args)
    {
        var line = CommandLine.Parse(args, Verbs);

        Assert.Null(line.Verb);
        Assert.Null(line.Reply);
        Assert.Equal(args, line.Settings);
    }

    [Theory]
    [InlineData("check", "here", "--fast", "--DataDirectory", "/data")]
    [InlineData("check", "--fast", "--DataDirectory=/data", "here")]
    [InlineData("check", "--DataDirectory", "/data", "here", "--fast")]
    [InlineData("check", "DataDirectory=/data", "here", "--fast")]
    public void A_verb_keeps_its_own_options_and_leaves_the_settings(params string[] args)
    {
        var line = CommandLine.Parse(args, Verbs);

        Assert.Null(line.Reply);
        Assert.Equal("check", line.Verb!.Name);
        Assert.Equal(["--DataDirectory=/data"], line.Settings);
    }

    [Fact]
    public void Settings_of_every_section_a_path_with_an_equals_sign_and_a_verb_of_two_words_are_understood()
    {
        var line = VerbLine.Read(
            ["check", "--Models:Prices:a/b:PerRun=0.03", "--Models:Prices:c/d=", "--Logging:LogLevel:Default", "Debug", "/backups/a=b",
            "--since", "-1"], Verbs);
        var keys = VerbLine.Read(["keys", "--DataDirectory", "/data", "create", "--name=x=y"], Verbs);

        Assert.Null(line.Reply);
        Assert.Equal(["--Models:Prices:a/b:PerRun=0.03", "--Models:Prices:c/d=", "--Logging:LogLevel:Default=Debug"], line.Settings);
        Assert.Equal(["/backups/a=b"], line.Words);
        Assert.Equal("-1", line.Options["--since"]);
        Assert.Null(keys.Reply);
        Assert.Equal("keys create", keys.Verb!.Name);
        Assert.Equal("x=y", keys.Options["--name"]);
        Assert.Empty(keys.Words);
    }

    [Theory, MemberData(nameof(Wrong))]
    public void What_is_no_verb_or_not_its_form_is_refused_with_what_is_meant_and_what_is_allowed(string sentence, string allowed,
        string[] args)
    {
        var line = CommandLine.Parse(args, Verbs);

        Assert.Null(line.Verb);
        var (text, exitCode) = line.Reply!.Value;
        Assert.Equal(2, exitCode);
        Assert.StartsWith(sentence, text, StringComparison.Ordinal);
        Assert.Contains(allowed, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public void Help_lists_every_verb(string asked)
    {
        var (text, exitCode) = CommandLine.Parse([asked], Verbs).Reply!.Value;

        Assert.Equal(0, exitCode);
        Assert.All(Verbs, verb => Assert.Contains($"\n  {verb.Name} ", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Usage: check <place> [--fast] [--since <folder>]", "check", "--help")]
    [InlineData("Usage: check <place> [--fast] [--since <folder>]", "help", "check")]
    [InlineData("Usage: check <place> [--fast] [--since <folder>]", "check", "here", "--fats", "-h")]
    [InlineData("Usage: keys create --name <name>", "keys", "create", "--help")]
    [InlineData("Usage: keys create --name <name>", "keys", "--help")]
    public void A_verb_tells_its_own_usage(string usage, params string[] args)
    {
        var (text, exitCode) = CommandLine.Parse(args, Verbs).Reply!.Value;

        Assert.Equal(0, exitCode);
        Assert.StartsWith(usage, text, StringComparison.Ordinal);
        Assert.Equal(args is ["keys", "--help"], text.Contains("keys list", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_section_is_known_as_a_setting() =>
        Assert.All(SettingsPageTests.SectionNames, section => Assert.True(SettingNames.Has($"{section.Data}:Something")));

    [Fact]
    public async Task The_executable_does_so()
    {
        var settings = new Dictionary<string, string?>();
        var help = await GenApiApp.RunToEndAsync(settings, Path.GetTempPath(), "--help");
        var unknown = await GenApiApp.RunToEndAsync(settings, Path.GetTempPath(), "fscj");

        Assert.Equal(0, help.ExitCode);
        Assert.All((string[])["health", "status", "keys create", "keys list", "keys revoke", "usage", "fsck", "backup", "start-anew"],
            verb => Assert.Contains($"\n  {verb} ", help.Output, StringComparison.Ordinal));
        Assert.Equal((2, "", true),
            (unknown.ExitCode, unknown.Output,
            unknown.Errors.StartsWith("There is no verb 'fscj'. Did you mean fsck?", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("health")]
    [InlineData("status")]
    [InlineData("keys", "create")]
    [InlineData("keys", "list")]
    [InlineData("keys", "revoke")]
    [InlineData("usage")]
    [InlineData("fsck")]
    [InlineData("backup")]
    [InlineData("start-anew")]
    public async Task Every_verb_explains_itself_on_stdout_and_refuses_what_it_does_not_know(params string[] verb)
    {
        var folder = Directory.CreateTempSubdirectory("genapi-verb-").FullName;
        var settings = new Dictionary<string, string?> { ["DataDirectory"] = Path.Combine(folder, "data") };
        var help = await ProgramHere.RunToEndAsync(settings, folder, [.. verb, "--help"]);
        var unknown = await ProgramHere.RunToEndAsync(settings, folder, [.. verb, "--jsno"]);

        Assert.Equal((0, ""), (help.ExitCode, help.Errors));
        Assert.StartsWith($"Usage: {string.Join(' ', verb)}", help.Output, StringComparison.Ordinal);
        Assert.Equal((2, ""), (unknown.ExitCode, unknown.Output));
        Assert.StartsWith($"--jsno is neither an option of {string.Join(' ', verb)} nor a setting.", unknown.Errors,
            StringComparison.Ordinal);
        Assert.Contains($"Usage: {string.Join(' ', verb)}", unknown.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Directory.Delete(folder);
    }
}
