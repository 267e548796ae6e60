using GenApi.Core.Webhooks;

namespace GenApi.Tests.Webhooks;

public sealed class WebhookSignatureTests
{
    // The vector of Replicate's own clients, and of Standard Webhooks.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Timestamp = "1614265330";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private static readonly byte[] Body = [.. "{\"test\": 2432232314}"u8];
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1614265330);
    private static readonly WebhookHeaders Vector = new(Id, Timestamp, Signature);

    public static TheoryData<string?, string?, string?, bool> Variants => new()
    {
        // id, time stamp, signature, valid
        { Id, Timestamp, Signature, true },
        { Id, Timestamp, $"v1,AAAA v1a,{Signature[3..]} {Signature}", true },
        { Id, Timestamp, $"v2,{Signature[3..]}", false },
        { Id, Timestamp, Signature[3..], false },
        { Id, Timestamp, $"v1,{Signature[4..]}", false },
        { Id, Timestamp, "v1,", false },
        { Id, Timestamp, "v1,not base64!", false },
        { Id, Timestamp, "", false },
        { Id, Timestamp, null, false },
        { "msg_other", Timestamp, Signature, false },
        { "", Timestamp, Signature, false },
        { null, Timestamp, Signature, false },
        { Id, "1614265331", Signature, false },
        { Id, "soon", Signature, false },
        { Id, "", Signature, false },
        { Id, null, Signature, false },
    };

    [Fact]
    public void The_official_vector_is_what_we_sign() => Assert.Equal(Vector, WebhookSignature.Sign([Read(Secret)], Id, At, Body));

    [Theory]
    [MemberData(nameof(Variants))]
    public void Only_an_untouched_message_is_valid(string? id, string? timestamp, string? signature, bool isValid) =>
        Assert.Equal(isValid, WebhookSignature.IsValid([Read(Secret)], new(id, timestamp, signature), Body, At));

    [Fact]
    public void A_changed_body_is_not_valid() =>
        Assert.False(WebhookSignature.IsValid([Read(Secret)], Vector, [.. "{\"test\":2432232314}"u8], At));

    [Theory]
    [InlineData(-301, false)]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void A_time_stamp_may_be_five_minutes_off(int seconds, bool isValid) =>
        Assert.Equal(isValid, WebhookSignature.IsValid([Read(Secret)], Vector, Body, At.AddSeconds(seconds)));

    [Fact]
    public void A_time_stamp_without_end_is_not_valid() =>
        Assert.False(
            WebhookSignature.IsValid(
                [Read(Secret)], Vector with
                {
                    Timestamp = long.MaxValue.ToString(
                    System.Globalization.CultureInfo.InvariantCulture)
                }, Body, At));

    [Fact]
    public void While_secrets_change_either_is_valid_and_both_sign()
    {
        var (old, young) = (Read(Secret), WebhookSecret.New());

        var headers = WebhookSignature.Sign([young, old], Id, At, Body);

        Assert.EndsWith($" {Signature}", headers.Signature, StringComparison.Ordinal);
        Assert.True(WebhookSignature.IsValid([old], headers, Body, At));
        Assert.True(WebhookSignature.IsValid([young], headers, Body, At));
        Assert.True(WebhookSignature.IsValid([young, old], Vector, Body, At));
        Assert.False(WebhookSignature.IsValid([young], Vector, Body, At));
    }

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false)]
    [InlineData("whsec_", false)]
    [InlineData("whsec_c2hvcnQ=", false)]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", false)]
    [InlineData(null, false)]
    public void A_secret_is_whsec_and_base64(string? text, bool isOne) => Assert.Equal(isOne, WebhookSecret.TryParse(text, out _));

    [Fact]
    public void A_secret_tells_itself_only_when_asked()
    {
        Assert.Equal(Secret, Read(Secret).Reveal());
        Assert.DoesNotContain("MfKQ", $"{Read(Secret)}", StringComparison.Ordinal);
        Assert.NotEqual(WebhookSecret.New().Reveal(), WebhookSecret.New().Reveal());
        Assert.Equal(32, Convert.FromBase64String(WebhookSecret.New().Reveal()["whsec_".Length..]).Length);
    }

    private static WebhookSecret Read(string text) =>
        WebhookSecret.TryParse(text, out var secret) ? secret : throw new ArgumentException("No secret.", nameof(text));
}
