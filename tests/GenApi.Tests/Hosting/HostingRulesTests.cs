using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Models.Settings;
using GenApi.Core.Replicate;
using GenApi.Hosting.Logs;
using GenApi.Hosting.Problems;
using GenApi.Hosting.Settings;
using GenApi.Upstream;
using Microsoft.Extensions.Configuration;

namespace GenApi.Tests.Hosting;

public sealed class HostingRulesTests
{
    [Fact]
    public void Every_kind_of_failure_has_a_status_and_a_title()
    {
        foreach (var kind in Enum.GetValues<ErrorKind>())
        {
            Assert.InRange(ProblemTable.StatusOf(kind), 400, 507);
            Assert.NotEqual("", ProblemTable.TitleOf(kind));
        }
    }

    [Theory]
    [InlineData(405, "method_not_allowed")]
    [InlineData(406, "not_acceptable")]
    [InlineData(412, "precondition_failed")]
    [InlineData(416, "range_not_satisfiable")]
    [InlineData(404, "not_found")]
    [InlineData(413, "body_too_large")]
    [InlineData(415, "unsupported_media_type")]
    [InlineData(500, "internal_error")]
    public void A_bare_status_has_a_code(int status, string code) => Assert.Equal(code, ProblemTable.Bare(status).Code);

    [Theory]
    [InlineData("A=1", "A", "1")]
    [InlineData("  A = 1  ", "A", "1")]
    [InlineData("A=", "A", "")]
    [InlineData("A=x y # comment", "A", "x y")]
    [InlineData("A=#", "A", "")]
    [InlineData("A=x#y", "A", "x#y")]
    [InlineData("A=\"x # y\" # comment", "A", "x # y")]
    [InlineData("A='x\\n'", "A", "x\\n")]
    [InlineData("A=\"x\\n\\\"\"", "A", "x\n\"")]
    [InlineData("export A=1", "A", "1")]
    [InlineData("Replicate__MaxInFlight=5", "Replicate:MaxInFlight", "5")]
    [InlineData("A=b=c", "A", "b=c")]
    public void A_line_of_a_env_file_is_read(string line, string key, string value) => Assert.Equal(value, DotEnv.Parse([line])[key]);

    [Theory]
    [InlineData("nothing")]
    [InlineData("=1")]
    [InlineData("A=\"x")]
    [InlineData("A='x' y")]
    public void A_line_that_is_no_pair_is_told_by_its_number(string line)
    {
        var refusal = Assert.Throws<SettingException>(() => DotEnv.Parse(["", "# comment", line]));

        Assert.Contains("line 3", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("promt", "prompt")]
    [InlineData("widht", "width")]
    [InlineData("outputFormat", "output_format")]
    [InlineData("zebra", null)]
    [InlineData("x", null)]
    public void The_nearest_name_is_found(string typo, string? meant) =>
        Assert.Equal(meant, NearestName.Find(typo, ["prompt", "width", "output_format", "seed"]));

    [Theory]
    [InlineData("abc-123", "abc-123")]
    [InlineData("a b\tc", "abc")]
    [InlineData("é", "")]
    public void A_request_id_is_cleaned(string given, string kept) => Assert.Equal(kept, RequestIds.Sanitise(given));

    [Fact]
    public void A_request_id_has_at_most_128_characters() => Assert.Equal(128, RequestIds.Sanitise(new string('a', 300)).Length);

    [Theory]
    [InlineData("Generations:DefaultWaitSeconds", "soon", "'soon' is not a whole number.")]
    [InlineData("Generations:DefaultCache", "always", "'always' is not one of auto, reuse, refresh.")]
    [InlineData("Generations:Max_Queued", "1", "there is no such setting. Did you mean Generations:MaxQueued?")]
    [InlineData("Replicate:Token", "r8_x", "there is no such setting. Known in Replicate: ApiToken, ")]
    [InlineData("Replicate:Mode", "replica", "'replica' is not one of auto, replicate, sandbox.")]
    [InlineData("Models:AllowAny", "perhaps", "'perhaps' is not true or false.")]
    [InlineData("Sandbox:Speed", "-1", "-1 is not allowed. Allowed: 0 to 1000000.")]
    [InlineData("Sandbox:Sped", "1", "there is no such setting. Did you mean Sandbox:Speed?")]
    [InlineData("Urls", "ftp://localhost:1", "'ftp://localhost:1' is not an address to listen on.")]
    [InlineData("Urls", "http://localhost:8080;localhost", "'localhost' is not an address to listen on.")]
    [InlineData("Urls", "http://localhost:99999", "'http://localhost:99999' has the port 99999. Allowed: 0 to 65535")]
    public void A_setting_that_can_not_be_used_is_refused_by_its_key(string key, string value, string sentence)
    {
        var refusal = Assert.Throws<SettingException>(() => CheckAll(new() { [key] = value }));

        Assert.Equal(key, refusal.Key);
        Assert.StartsWith($"{key}: {sentence}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_are_known_pass_whatever_their_case_and_lists_and_aliases_are_the_operators_own() => CheckAll(new()
    {
        ["generations:maxqueued"] = "5",
        ["Replicate:DeliveryHosts:0"] = "127.0.0.1:9000",
        ["Models:Aliases:mine"] = "owner/name",
        ["Urls"] = "http://*:8080;http://[::1]:0",
    });

    private static void CheckAll(Dictionary<string, string?> settings) =>
        new KnownSettings(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .Urls()
            .Section<ReplicateOptions>(ReplicateOptions.Section)
            .Section<ModelOptions>(ModelOptions.Section)
            .Section<GenerationOptions>(GenerationOptions.Section)
            .Section<EmbeddedSandboxOptions>(EmbeddedSandboxOptions.Section);
}
