using GenApi.Core.Replicate;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Replicate;

public sealed class ReplicateSettingsTests
{
    [Fact]
    public void Nothing_set_means_the_sandbox_and_the_defaults_of_the_contract()
    {
        var options = Read();

        Assert.Equal(
            ("", "https://api.replicate.com", ReplicateMode.Auto, 100, 104_857_600L),
            (options.ApiToken, options.BaseUrl, options.Mode, options.MaxInFlight, options.MaxOutputBytes));
        Assert.Equal(["replicate.delivery", "*.replicate.delivery"], options.DeliveryHosts);
        Assert.True(options.WantsSandbox);
    }

    [Theory]
    [InlineData("auto", "", true)]
    [InlineData("auto", "r8_x", false)]
    [InlineData("Replicate", "r8_x", false)]
    [InlineData("sandbox", "r8_x", true)]
    public void The_mode_and_the_token_decide_on_the_upstream(string mode, string token, bool sandbox)
    {
        Assert.Equal(sandbox, Read(("Replicate:Mode", mode), ("Replicate:ApiToken", token)).WantsSandbox);
    }

    [Fact]
    public void The_names_of_replicates_own_clients_are_read_where_ours_say_nothing()
    {
        var options = Read(
            ("REPLICATE_API_TOKEN", " r8_env "), ("REPLICATE_BASE_URL", "http://127.0.0.1:9/"),
            ("Replicate:BaseUrl", "https://api.replicate.com"));
        Assert.Equal(("r8_env", "http://127.0.0.1:9"), (options.ApiToken, options.BaseUrl));

        var ours = Read(
            ("REPLICATE_API_TOKEN", "r8_env"), ("Replicate:ApiToken", "r8_ours"), ("REPLICATE_BASE_URL", "http://a"),
            ("Replicate:BaseUrl", "https://b"));
        Assert.Equal(("r8_ours", "https://b"), (ours.ApiToken, ours.BaseUrl));
    }

    [Fact]
    public void Hosts_that_are_set_replace_the_usual_ones()
    {
        Assert.Equal(["files.example"], Read(("Replicate:DeliveryHosts:0", "files.example")).DeliveryHosts);
    }

    [Theory]
    [InlineData("Replicate:Mode", "live", "Replicate:Mode must be one of auto, replicate, sandbox; it is 'live'.")]
    [InlineData("Replicate:Mode", "", "Replicate:Mode must be one of auto, replicate, sandbox; it is ''.")]
    [InlineData("Replicate:Mode", "1", "Replicate:Mode must be one of auto, replicate, sandbox; it is '1'.")]
    [InlineData("Replicate:Mode", "replicate", "Replicate:ApiToken must be set (or REPLICATE_API_TOKEN) when Replicate:Mode is replicate.")]
    [InlineData(
        "Replicate:BaseUrl", "api.replicate.com", "Replicate:BaseUrl must be an absolute http or https URL; it is 'api.replicate.com'.")]
    [InlineData("Replicate:BaseUrl", "ftp://a", "Replicate:BaseUrl must be an absolute http or https URL; it is 'ftp://a'.")]
    [InlineData(
        "Replicate:BaseUrl", "https://api.replicate.com/v1/",
        "Replicate:BaseUrl must be given without /v1; it is 'https://api.replicate.com/v1'.")]
    [InlineData(
        "Replicate:BaseUrl", "https://a/?b", "Replicate:BaseUrl must be a URL without user, query and fragment; it is 'https://a/?b'.")]
    [InlineData(
        "Replicate:DeliveryHosts:0", "https://a",
        "Replicate:DeliveryHosts must hold entries such as host, *.host or host:port; 'https://a' is not one.")]
    [InlineData(
        "Replicate:DeliveryHosts:0", "a.*",
        "Replicate:DeliveryHosts must hold entries such as host, *.host or host:port; 'a.*' is not one.")]
    [InlineData("Replicate:MaxInFlight", "0", "Replicate:MaxInFlight must be from 1 to 10000; it is 0.")]
    [InlineData("Replicate:MaxOutputBytes", "-1", "Replicate:MaxOutputBytes must be from 1 to 2147483648; it is -1.")]
    [InlineData(
        "Replicate:MaxInFlight", "many", "Failed to convert configuration value 'many' at 'Replicate:MaxInFlight' to type 'System.Int32'.")]
    [InlineData("Replicate:ApiToken", "r8 x", "Replicate:ApiToken must be printable ASCII without spaces.")]
    public void A_wrong_setting_is_told_in_one_sentence_that_names_the_key(string key, string value, string sentence)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Read((key, value)));

        Assert.Equal([sentence], failure.Failures);
    }

    [Fact]
    public void All_wrong_settings_are_told_at_once()
    {
        var failure = Assert.Throws<OptionsValidationException>(
            () => Read(("Replicate:MaxInFlight", "0"), ("Replicate:MaxOutputBytes", "0")));

        Assert.Equal(2, failure.Failures.Count());
    }

    [Theory]
    [InlineData("https://replicate.delivery/a", true)]
    [InlineData("https://REPLICATE.delivery:443/a", true)]
    [InlineData("https://pbxt.replicate.delivery/a", true)]
    [InlineData("https://a.b.replicate.delivery/a", true)]
    [InlineData("http://replicate.delivery/a", false)]
    [InlineData("https://replicate.delivery:8443/a", false)]
    [InlineData("https://evilreplicate.delivery/a", false)]
    [InlineData("https://replicate.delivery.evil.example/a", false)]
    [InlineData("https://replicate.delivery@evil.example/a", false)]
    [InlineData("http://127.0.0.1:9000/a", true)]
    [InlineData("https://127.0.0.1:9000/a", true)]
    [InlineData("http://127.0.0.1:9001/a", false)]
    [InlineData("http://127.0.0.1/a", false)]
    [InlineData("http://[::1]:9000/a", true)]
    [InlineData("http://[::1]/a", false)]
    [InlineData("http://localhost:5000/a", true)]
    [InlineData("http://10.0.0.7:9000/a", false)]
    [InlineData("https://10.0.0.7:9000/a", true)]
    [InlineData("mailto:a@replicate.delivery", false)]
    [InlineData("ftp://127.0.0.1:9000/a", false)]
    public void An_address_is_allowed_by_host_port_and_scheme(string address, bool allowed)
    {
        var hosts = new DeliveryHosts(
            ["replicate.delivery", "*.replicate.delivery", "127.0.0.1:9000", "[::1]:9000", "localhost:5000", "10.0.0.7:9000"]);

        Assert.Equal(allowed, hosts.Allows(new Uri(address)));
    }

    [Fact]
    public void The_sandbox_never_gets_the_real_token_and_its_authority_may_deliver()
    {
        using var services = ReplicateRig.Compose(("Replicate:Mode", "sandbox"), ("Replicate:ApiToken", ReplicateRig.Token))
            .BuildServiceProvider();
        var upstream = services.GetRequiredService<ReplicateUpstream>();
        Assert.Throws<InvalidOperationException>(() => upstream.BaseUrl);

        upstream.UseSandbox(new Uri("http://127.0.0.1:4567"));

        Assert.Equal(("sandbox", new Uri("http://127.0.0.1:4567")), (upstream.Name, upstream.BaseUrl));
        Assert.NotEqual(ReplicateRig.Token, upstream.Token);
        Assert.True(upstream.DeliveryHosts.Allows(new Uri("http://127.0.0.1:4567/files/a.png")));
        Assert.Throws<InvalidOperationException>(upstream.UseReplicate);
    }

    private static ReplicateOptions Read(params (string Key, string Value)[] settings)
    {
        using var services = ReplicateRig.Compose(settings).BuildServiceProvider();
        return services.GetRequiredService<IOptions<ReplicateOptions>>().Value;
    }
}
