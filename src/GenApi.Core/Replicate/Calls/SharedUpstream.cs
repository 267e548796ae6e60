using System.Security.Cryptography;
using System.Text;
using GenApi.Core.Background;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// Shares the account of the upstream among the instances: it takes tokens of the common limits when calls need them, and passes on within
/// seconds what an instance has learned from refusals. One process alone needs none of it.
/// </summary>
internal sealed partial class SharedUpstream(
    ICluster cluster, CallPortions portions, ReplicateRateGate gate, ReplicateUpstream upstream, SharedRates rates, DatabaseWriter writer,
    IDbContextFactory<GenApiDbContext> contexts, IOptions<ReplicateOptions> options, TimeProvider time, ILogger<SharedUpstream> logger)
    : BackgroundLoop(time, logger)
{
    private static readonly TimeSpan PassOnEvery = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    private TimeSpan _rest = TimeSpan.Zero;
    private long? _passedOnAt;
    private Learned _known;

    /// <summary>The beginning of the names of all rows: another token is another account.</summary>
    private string Account
    {
        get
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(upstream.Token));
            return $"{upstream.Name}/{Convert.ToHexStringLower(hash.AsSpan(0, 6))}";
        }
    }

    protected override Task RestAsync(CancellationToken stopping) => portions.AskedAsync(IsWell ? _rest : AfterFault, Time, stopping);

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        if (!cluster.IsShared)
        {
            End();
            return;
        }
        _rest = PassOnEvery;
        if (!upstream.IsChosen)
            return;
        var creations = upstream.CreationsReducedTo is { } perMinute
            ? CallRate.OneByOne(perMinute)
            : CallRate.Within(options.Value.CreationsPerMinute);
        await TakeAsync(portions.Creations!, ReplicateLeg.Create, creations, stopping);
        await TakeAsync(portions.Others!, ReplicateLeg.ReadOther, CallRate.Within(options.Value.ReadsPerMinute), stopping);
        if (_passedOnAt is { } last && Time.GetElapsedTime(last) < PassOnEvery && Learned.Of(upstream) == _known)
            return;
        await PassOnAsync(stopping);
        _passedOnAt = Time.GetTimestamp();
    }

    protected override void Report(GenApiException fault) => Log.NotShared(Logger, fault);

    private async Task TakeAsync(CallPortion portion, ReplicateLeg leg, CallRate rate, CancellationToken stopping)
    {
        if (!portion.IsAsked)
            return;
        var (tokens, wait) = await rates.TakeAsync(
            $"{Account}/{portion.Name}", portion.Size, new SharedLimit(rate.AtOnce, rate.PerSecond), stopping);
        gate.Receive(leg, tokens);
        if (tokens > 0)
            return;
        // Several come together then, and cost one write.
        wait = wait > Breath ? wait : Breath;
        _rest = wait < _rest ? wait : _rest;
    }

    /// <summary>Writes what this instance has learned since the last time, and takes over what others have.</summary>
    private async Task PassOnAsync(CancellationToken stopping)
    {
        var own = Learned.Of(upstream);
        if (own != _known)
        {
            await writer.WriteAsync((db, token) => own.WriteAsync(db, Account, _known, token), stopping);
            _known = own;
            return;
        }
        var others = await contexts.ReadAsync(db => Learned.ReadAsync(db, Account, stopping), stopping);
        if (others == own)
            return;
        if (others.IsTokenRefused != own.IsTokenRefused)
        {
            if (others.IsTokenRefused)
                upstream.TokenRefused();
            else
                upstream.TokenAccepted();
        }
        if (others.OutOfCreditAt is { } at)
            upstream.CreditRefused(at);
        else
            upstream.CreditAccepted();
        if (others.ReducedTo != own.ReducedTo)
            gate.Learn(others.ReducedTo);
        _known = Learned.Of(upstream);
    }

    /// <summary>The state of the upstream's account, as refusals show it.</summary>
    private readonly record struct Learned(bool IsTokenRefused, DateTimeOffset? OutOfCreditAt, int? ReducedTo)
    {
        private const string Token = "token_refused", Credit = "out_of_credit", Reduced = "reduced_to";

        public static Learned Of(ReplicateUpstream upstream) =>
            new(upstream.Unauthorized, upstream.OutOfCreditAt, upstream.CreationsReducedTo);

        public static async Task<Learned> ReadAsync(GenApiDbContext db, string account, CancellationToken cancellationToken)
        {
            var token = await SharedRates.MarkAsync(db, $"{account}/{Token}", cancellationToken);
            var credit = await SharedRates.MarkAsync(db, $"{account}/{Credit}", cancellationToken);
            var reduced = await SharedRates.MarkAsync(db, $"{account}/{Reduced}", cancellationToken);
            return new(token is not null, credit?.At, (int?)reduced?.Value);
        }

        /// <summary>Writes what differs from what was known before, in the writer's transaction.</summary>
        public async Task WriteAsync(GenApiDbContext db, string account, Learned before, CancellationToken cancellationToken)
        {
            if (IsTokenRefused != before.IsTokenRefused)
                await SharedRates.SetMarkAsync(db, $"{account}/{Token}", IsTokenRefused ? 1 : null, db.Now, cancellationToken);
            if (OutOfCreditAt != before.OutOfCreditAt)
            {
                await SharedRates.SetMarkAsync(
                    db, $"{account}/{Credit}", OutOfCreditAt is null ? null : 1, OutOfCreditAt ?? db.Now, cancellationToken);
            }
            if (ReducedTo != before.ReducedTo)
                await SharedRates.SetMarkAsync(db, $"{account}/{Reduced}", ReducedTo, db.Now, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The upstream's limits can't be shared with the other instances now; calls wait for it, and it is tried again every second")]
        public static partial void NotShared(ILogger logger, Exception fault);
    }
}
