using System.Net;
using GenApi.Core.Network;
using GenApi.Core.Replicate;

namespace GenApi.Tests.Network;

/// <summary>Spellings of the same host, and hosts that only look like it.</summary>
public sealed class NetworkHostTests
{
    [Theory]
    [InlineData("Replicate.Delivery", "replicate.delivery")]
    [InlineData("replicate.delivery.", "replicate.delivery")]
    [InlineData("BÜCHER.example", "xn--bcher-kva.example")]
    [InlineData("xn--BCHER-kva.example", "xn--bcher-kva.example")]
    [InlineData("replicate。delivery", "replicate.delivery")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1.", "127.0.0.1")]
    [InlineData("[::1]", "::1")]
    [InlineData("::1", "::1")]
    [InlineData("[0:0:0:0:0:0:0:1]", "::1")]
    [InlineData("2606:4700:0:0:0:0:0:1111", "2606:4700::1111")]
    [InlineData("[2606:4700::1111]", "2606:4700::1111")]
    [InlineData("2606:4700::ABCD", "2606:4700::abcd")]
    [InlineData("[::ffff:10.0.0.5]", "10.0.0.5")]
    [InlineData("::FFFF:a00:5", "10.0.0.5")]
    public void A_host_has_one_form(string text, string name)
    {
        Assert.True(NetworkHost.TryParse(text, out var host));
        Assert.Equal(name, host.Name);
        Assert.True(NetworkHost.TryParse(host.ToString(), out var again));
        Assert.Equal(host, again);
    }

    [Theory]
    // Four numbers that some read as octal, one number, fewer than four, hexadecimal; a zone.
    [InlineData("0177.0.0.1")]
    [InlineData("127.0.0.01")]
    [InlineData("2130706433")]
    [InlineData("127.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0177.0.0.1.")]
    [InlineData("256.0.0.1")]
    [InlineData("example.1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[fe80::1%25eth0]")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("[localhost]")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[[::1]]")]
    [InlineData("localhost:80")]
    [InlineData("[::1]:80")]
    [InlineData("user@localhost")]
    [InlineData("localhost/x")]
    [InlineData("localhost#x")]
    [InlineData("localhost?x")]
    [InlineData("localhost\\x")]
    [InlineData("a b")]
    [InlineData("host..")]
    [InlineData(".")]
    [InlineData("*")]
    [InlineData("")]
    public void What_could_mean_several_hosts_or_more_than_a_host_is_none(string text) => Assert.False(NetworkHost.TryParse(text, out _));

    [Theory]
    // Other letters, so another place: none of them may pass for an allowed host.
    [InlineData("ｌocalhost")]
    [InlineData("localhost.example")]
    [InlineData("xlocalhost")]
    [InlineData("foo.localhost")]
    [InlineData("１２７.0.0.1.example")]
    public void What_only_looks_like_this_machine_is_not(string text)
    {
        Assert.True(NetworkHost.TryParse(text, out var host));
        Assert.False(host.IsLoopback);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LocalHost.", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("[::1]", true)]
    [InlineData("[::ffff:127.0.0.1]", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("[::ffff:10.0.0.1]", false)]
    public void This_machine_is_known_by_all_its_names(string text, bool isLoopback) =>
        Assert.Equal(isLoopback, NetworkHost.TryParse(text, out var host) && host.IsLoopback);

    [Theory]
    [InlineData("host", "host", null)]
    [InlineData("Host.:8443", "host", 8443)]
    [InlineData("[::1]:8443", "::1", 8443)]
    [InlineData("::1", "::1", null)]
    [InlineData("10.0.0.5:1", "10.0.0.5", 1)]
    [InlineData("host:", null, null)]
    [InlineData("host:0", null, null)]
    [InlineData("host:65536", null, null)]
    [InlineData("host:+1", null, null)]
    [InlineData("host:443.", null, null)]
    [InlineData("[::1]8443", null, null)]
    [InlineData("user@host:1", null, null)]
    public void An_endpoint_is_a_host_and_perhaps_a_port(string text, string? host, int? port)
    {
        Assert.Equal(host is not null, NetworkEndpoint.TryParse(text, out var endpoint));
        Assert.Equal((host, port), (endpoint.Host.Name, endpoint.Port));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.0.0.5", "10.0.0.5/32")]
    [InlineData("[::1]", "::1/128")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.5", "10.0.0.5/32")]
    [InlineData("2001:DB8::/32", "2001:db8::/32")]
    [InlineData("010.0.0.0/8", null)]
    [InlineData("10.5", null)]
    [InlineData("10.0.0.1/8", null)]
    [InlineData("10.0.0.0/33", null)]
    [InlineData("::ffff:10.0.0.0/8", null)]
    [InlineData("10.0.0.0/-1", null)]
    [InlineData("proxy", null)]
    [InlineData("fe80::1%1/128", null)]
    public void A_network_is_what_everybody_reads_in_it(string text, string? network)
    {
        Assert.Equal(network is not null, NetworkRange.TryParse(text, out var range));
        if (network is not null)
            Assert.Equal(IPNetwork.Parse(network), range);
    }

    [Theory]
    [InlineData("https://App.Example.:443", "https://app.example")]
    [InlineData("http://[::ffff:127.0.0.1]:3000/", "http://127.0.0.1:3000")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("https://app.example/x", null)]
    [InlineData("https://user@app.example", null)]
    [InlineData("ftp://app.example", null)]
    [InlineData("null", null)]
    public void An_origin_has_one_form(string text, string? origin) =>
        Assert.Equal(origin, WebOrigin.TryParse(text, out var read) ? read.ToString() : null);

    [Theory]
    [InlineData("HTTPS://Replicate.Delivery.:443/./x", true)]
    [InlineData("https://a.replicate.delivery./x", true)]
    [InlineData("https://replicate。delivery/x", true)]
    [InlineData("https://xn--bcher-kva.example/x", true)]
    [InlineData("https://BÜCHER.example./x", true)]
    [InlineData("http://[0:0::1]:9000/x", true)]
    [InlineData("http://[::ffff:127.0.0.1]:9000/x", true)]
    [InlineData("https://replicate.delivery:8443/x", false)]
    [InlineData("https://replicate.delivery.evil.example/x", false)]
    [InlineData("https://evilreplicate.delivery/x", false)]
    [InlineData("https://replicate.delivery@evil.example/x", false)]
    [InlineData("https://ｒeplicate.delivery/x", false)]
    [InlineData("http://[::1%251]:9000/x", false)]
    [InlineData("https://x.127.0.0.1:9000/x", false)]
    public void A_file_is_fetched_from_an_allowed_host_however_it_is_written_and_from_no_other(string address, bool isAllowed)
    {
        var hosts = new DeliveryHosts(
            ["Replicate.Delivery", "*.replicate.delivery.", "bücher.example:443", "[::1]:9000", "127.0.0.1:9000"]);

        Assert.Equal(isAllowed, hosts.Allows(new Uri(address)));
    }

    [Theory]
    [InlineData("*.127.0.0.1")]
    [InlineData("010.0.0.1")]
    [InlineData("*.*.example")]
    public void A_delivery_host_that_means_several_is_refused(string entry) => Assert.False(DeliveryHosts.CanRead(entry));
}
