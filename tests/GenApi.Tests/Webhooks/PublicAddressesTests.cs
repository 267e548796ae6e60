using System.Net;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Webhooks;

/// <summary>The addresses that may receive webhooks.</summary>
public sealed class PublicAddressesTests
{
    [Theory]
    [InlineData("0.0.0.0", "0.1.2.3", "0.255.255.255")]
    [InlineData("10.0.0.0", "10.1.2.3", "10.255.255.255")]
    [InlineData("100.64.0.0", "100.100.100.200", "100.127.255.255")]
    [InlineData("127.0.0.0", "127.0.0.1", "127.255.255.255")]
    [InlineData("169.254.0.0", "169.254.169.254", "169.254.255.255")]
    [InlineData("172.16.0.0", "172.20.1.1", "172.31.255.255")]
    [InlineData("192.0.0.0", "192.0.0.170", "192.0.0.255")]
    [InlineData("192.0.2.0", "192.0.2.1", "192.0.2.255")]
    [InlineData("192.88.99.0", "192.88.99.1", "192.88.99.255")]
    [InlineData("192.168.0.0", "192.168.1.1", "192.168.255.255")]
    [InlineData("198.18.0.0", "198.19.1.1", "198.19.255.255")]
    [InlineData("198.51.100.0", "198.51.100.7", "198.51.100.255")]
    [InlineData("203.0.113.0", "203.0.113.7", "203.0.113.255")]
    [InlineData("224.0.0.0", "232.1.1.1", "239.255.255.255")]
    [InlineData("240.0.0.0", "250.1.1.1", "255.255.255.255")]
    [InlineData("::", "::1", "::2")]
    // IPv4 wrapped by IPv6: compatible, mapped, NAT64 (both prefixes), 6to4, Teredo, ISATAP.
    [InlineData("::127.0.0.1", "::10.0.0.1", "::8.8.8.8")]
    [InlineData("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8")]
    [InlineData("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::7f00:1")]
    [InlineData("2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1")]
    [InlineData("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:1ff::1")]
    [InlineData("2400:cb00::5efe:7f00:1", "2400:cb00::200:5efe:a00:1", "fe80::5efe:7f00:1")]
    [InlineData("fc00::", "fd12:3456::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fe80::", "fe80::1", "febf::1")]
    [InlineData("fec0::", "fec0::1", "feff::1")]
    [InlineData("ff00::", "ff02::1", "ffff::1")]
    [InlineData("2001:db8::", "2001:db8::1", "3fff::1")]
    [InlineData("100::", "100::1", "5f00::1")]
    public void What_leads_inside_is_not_public(params string[] addresses) =>
        Assert.All(addresses, address => Assert.False(PublicAddresses.Contains(IPAddress.Parse(address)), address));

    [Theory]
    [InlineData("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0")]
    [InlineData("100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0")]
    [InlineData("169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0")]
    [InlineData("192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0")]
    [InlineData("198.17.255.255", "198.20.0.0", "203.0.112.255", "223.255.255.255")]
    [InlineData("2001:4860:4860::8888", "2400:cb00:2048:1::681b:5efe", "2606:4700::1111", "2a00:1450:4001:81b::200e")]
    public void The_neighbours_are(params string[] addresses) =>
        Assert.All(addresses, address => Assert.True(PublicAddresses.Contains(IPAddress.Parse(address)), address));

    [Theory]
    [InlineData("https://example.com/hook?key=1", true)]
    [InlineData("https://example.com:8443", true)]
    [InlineData("https://1.1.1.1/", true)]
    [InlineData("https://[2606:4700::1111]/", true)]
    [InlineData("https://hooks.intern/x", true)]
    [InlineData("https://10.1.2.3:9000/x", true)]
    [InlineData("https://localhost:9001/x", true)]
    [InlineData("http://localhost:9001/x", true)]
    [InlineData("http://[::1]/x", true)]
    [InlineData("http://localhost:9002/x", false)]
    [InlineData("http://hooks.intern/x", false)]
    [InlineData("http://10.1.2.3:9000/x", false)]
    [InlineData("https://10.1.2.3/x", false)]
    [InlineData("http://example.com/", false)]
    [InlineData("https://localhost/", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://127.1/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("https://0x7f.0.0.1/", false)]
    [InlineData("https://[::ffff:10.0.0.1]/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    // Other spellings of the same host, and hosts that only look like it.
    [InlineData("https://HOOKS.intern./x", true)]
    [InlineData("https://hooks。intern/x", true)]
    [InlineData("https://[::ffff:10.1.2.3]:9000/x", true)]
    [InlineData("http://localhost.:9001/x", true)]
    [InlineData("http://[0:0:0:0:0:0:0:1]/x", true)]
    [InlineData("https://bücher.example:8443/x", true)]
    [InlineData("https://localhost./", false)]
    [InlineData("https://127.0.0.1./", false)]
    [InlineData("https://0177.0.0.1./", false)]
    [InlineData("https://[::ffff:8.8.8.8]/", false)]
    [InlineData("https://[fe80::1%25eth0]/", false)]
    [InlineData("https://[::ffff:10.1.2.4]:9000/x", false)]
    [InlineData("https://user:secret@example.com/", false)]
    [InlineData("https://example.com/#part", false)]
    [InlineData("ftp://example.com/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/hook", false)]
    [InlineData("example.com", false)]
    [InlineData("", false)]
    public void An_address_is_judged_as_far_as_it_tells(string url, bool isAllowed)
    {
        var targets = new WebhookTargets(
            Options.Create(new WebhookOptions { AllowedPrivateHosts = ["Hooks.Intern.", "10.1.2.3:9000", "LocalHost:9001", "::1"] }));

        Assert.Equal(isAllowed, targets.Refusal(url) is null);
    }

    [Fact]
    public void An_address_has_a_longest_length() =>
        Assert.NotNull(
            new WebhookTargets(Options.Create(new WebhookOptions()))
            .Refusal("https://example.com/" + new string('x', WebhookTargets.LongestUrl)));
}
