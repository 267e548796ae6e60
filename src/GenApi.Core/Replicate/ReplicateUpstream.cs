using GenApi.Core.Persistence;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Replicate;

/// <summary>
/// The upstream in use. The host chooses it once at start, after an embedded sandbox knows its port. An earlier call to the upstream is a
/// defect and fails as one.
/// </summary>
public sealed class ReplicateUpstream(IOptions<ReplicateOptions> options)
{
    public const string ReplicateName = "replicate";
    public const string SandboxName = "sandbox";

    /// <summary>The sandbox's token: it needs one, and must never see the real one.</summary>
    private const string SandboxToken = "sandbox";

    private Choice? _choice;
    private volatile bool _unauthorized;
    private volatile int _reducedTo;
    private long _outOfCreditAt;
    private long _readsPausedUntil;

    public bool IsChosen => Volatile.Read(ref _choice) is not null;

    /// <summary><c>replicate</c> or <c>sandbox</c>, as every generation shows it.</summary>
    public string Name => Chosen.Name;

    /// <summary>The base URL, without <c>/v1</c> and without a slash at its end.</summary>
    public Uri BaseUrl => Chosen.BaseUrl;

    /// <summary>True if the upstream has answered 401 and no call has succeeded since.</summary>
    public bool Unauthorized => _unauthorized;

    /// <summary>The creations a minute that the upstream allows an account low on credit; null: the usual limits apply.</summary>
    public int? CreationsReducedTo
    {
        get => _reducedTo is > 0 and var perMinute ? perMinute : null;
        internal set => _reducedTo = value ?? 0;
    }

    /// <summary>
    /// The time at which the upstream last refused a creation for lack of credit (402), by the <see cref="SteadyClock"/>; null: never, or
    /// it has accepted one since.
    /// </summary>
    public DateTimeOffset? OutOfCreditAt =>
        Volatile.Read(ref _outOfCreditAt) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>
    /// The end of the pause of reads after too many have failed, by the <see cref="SteadyClock"/>; null: there is no pause. A time in the
    /// past means that no read came since, or that one is trying.
    /// </summary>
    public DateTimeOffset? ReadsPausedUntil
    {
        get => Volatile.Read(ref _readsPausedUntil) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        internal set => Volatile.Write(ref _readsPausedUntil, value?.UtcTicks ?? 0);
    }

    internal string Token => Chosen.Token;

    internal DeliveryHosts DeliveryHosts => Chosen.DeliveryHosts;

    private Choice Chosen =>
        Volatile.Read(ref _choice) ?? throw new InvalidOperationException("The upstream was used before it was chosen.");

    /// <summary>Chooses Replicate, or the server at <see cref="ReplicateOptions.BaseUrl"/>.</summary>
    public void UseReplicate() =>
        Use(new Choice(
            ReplicateName, new Uri(options.Value.BaseUrl), options.Value.ApiToken, new DeliveryHosts(options.Value.DeliveryHosts)));

    /// <summary>Chooses the sandbox at <paramref name="baseUrl"/>; its authority becomes an allowed delivery host.</summary>
    public void UseSandbox(Uri baseUrl) =>
        Use(new Choice(SandboxName, baseUrl, SandboxToken, new DeliveryHosts([.. options.Value.DeliveryHosts, baseUrl.Authority])));

    /// <summary>Records a 401.</summary>
    /// <returns>True for the first one, so that the log gets one line and not one for each call.</returns>
    internal bool TokenRefused()
    {
        var isFirst = !_unauthorized;
        _unauthorized = true;
        return isFirst;
    }

    internal void TokenAccepted()
    {
        if (_unauthorized)
            _unauthorized = false;
    }

    internal void CreditRefused(DateTimeOffset at) => Volatile.Write(ref _outOfCreditAt, at.UtcTicks);

    internal void CreditAccepted()
    {
        if (OutOfCreditAt is not null)
            Volatile.Write(ref _outOfCreditAt, 0);
    }

    private void Use(Choice choice)
    {
        if (Interlocked.CompareExchange(ref _choice, choice, null) is not null)
            throw new InvalidOperationException("The upstream is chosen once.");
    }

    private sealed record Choice(string Name, Uri BaseUrl, string Token, DeliveryHosts DeliveryHosts);
}
