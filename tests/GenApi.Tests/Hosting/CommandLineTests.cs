using GenApi.Hosting;

namespace GenApi.Tests.Hosting;

public sealed class CommandLineTests
{
    private static readonly Verb[] Verbs =
    [
        new("check", "[--fast] [--since <folder>] <place>", "Checks.", _ => Task.FromResult(0)) { Flags = ["--fast"], Options = ["--since"], Words = 1 },
        new("health", "", "Asks.", _ => Task.FromResult(0)),
    ];

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
    [InlineData("check", "--fast", "--DataDirectory", "/data", "here")]
    [InlineData("check", "--DataDirectory", "/data", "here", "--fast")]
    public void A_verb_keeps_its_own_options_and_leaves_the_settings(params string[] args)
    {
        var line = CommandLine.Parse(args, Verbs);

        Assert.Null(line.Reply);
        Assert.Equal("check", line.Verb!.Name);
        Assert.Equal(["--DataDirectory", "/data"], line.Settings);
    }

    [Theory]
    [InlineData("There is no verb 'chekc'. Did you mean check?", "chekc")]
    [InlineData("There is no verb 'serve'.", "serve")]
    [InlineData("Something is missing.", "check")]
    [InlineData("'there' is one word too many.", "check", "here", "there")]
    [InlineData("'now' is one word too many.", "health", "now")]
    [InlineData("--since is given in a form that check does not take.", "check", "here", "--since")]
    [InlineData("--fast is given in a form that check does not take.", "check", "here", "--fast=yes")]
    public void What_is_no_verb_or_not_its_form_is_refused_with_what_there_is(string sentence, params string[] args)
    {
        var (text, exitCode) = CommandLine.Parse(args, Verbs).Reply!.Value;

        Assert.Equal(2, exitCode);
        Assert.StartsWith(sentence, text, StringComparison.Ordinal);
        Assert.Contains(args[0] == "health" ? "Usage: health" : "check [--fast] [--since <folder>] <place>", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public void Help_lists_every_verb(string asked)
    {
        var (text, exitCode) = CommandLine.Parse([asked], Verbs).Reply!.Value;

        Assert.Equal(0, exitCode);
        Assert.All(Verbs, verb => Assert.Contains($"{verb.Name} {verb.Usage}".TrimEnd(), text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_verb_tells_its_own_usage()
    {
        var (text, exitCode) = CommandLine.Parse(["check", "--help"], Verbs).Reply!.Value;

        Assert.Equal(0, exitCode);
        Assert.Contains("Usage: check [--fast] [--since <folder>] <place>", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_executable_does_so()
    {
        var settings = new Dictionary<string, string?>();
        var help = await GenApiApp.RunToEndAsync(settings, Path.GetTempPath(), "--help");
        var unknown = await GenApiApp.RunToEndAsync(settings, Path.GetTempPath(), "fscj");

        Assert.Equal(0, help.ExitCode);
        Assert.All((string[])["health", "keys", "fsck", "backup", "start-anew"], verb => Assert.Contains($"\n  {verb} ", help.Output, StringComparison.Ordinal));
        Assert.Equal((2, true), (unknown.ExitCode, unknown.Errors.StartsWith("There is no verb 'fscj'. Did you mean fsck?", StringComparison.Ordinal)));
    }
}
