using GenApi.Core.Cluster;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace GenApi.Upstream;

internal static class UpstreamRegistration
{
    /// <summary>
    /// Registers the room. Call it before Core's: hosted services start in the order of registration, and the upstream must be chosen
    /// before the worker starts.
    /// </summary>
    public static IServiceCollection AddUpstream(this IServiceCollection services)
    {
        services.AddOptions<EmbeddedSandboxOptions>().BindConfiguration(EmbeddedSandboxOptions.Section);
        services.AddHostedService<EmbeddedSandbox>();
        services.AddSingleton<ISoleReason, SandboxIsLocal>();
        services.AddHealthChecks().AddCheck<UpstreamCheck>("upstream");
        return services;
    }

    /// <summary>
    /// Reports what is known without a call. A fault of the upstream is a warning, because stored images can still be served.
    /// </summary>
    private sealed class UpstreamCheck(ReplicateUpstream upstream, IOptions<ReplicateOptions> options, SteadyClock clock) : IHealthCheck
    {
        /// <summary>The time after a pause in which it is still a warning without a new call. Afterwards the state is unknown.</summary>
        private static readonly TimeSpan Recent = TimeSpan.FromMinutes(1);

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (!upstream.IsChosen)
                return Task.FromResult(HealthCheckResult.Unhealthy("The upstream is not chosen yet."));
            var isSandbox = upstream.Name == ReplicateUpstream.SandboxName;
            var configured = options.Value.ApiToken.Length > 0 ? "set" : "missing";
            var facts = new Dictionary<string, object>
            {
                ["mode"] = upstream.Name,
                ["token"] = upstream.Unauthorized ? "refused" : isSandbox ? "not needed" : configured,
                ["credit"] = upstream.OutOfCreditAt is not null ? "used up" : upstream.CreationsReducedTo is not null ? "low"
                    : "not refused",
            };
            return Task.FromResult(Warning() is { } warning
                ? HealthCheckResult.Degraded(warning, data: facts)
                : HealthCheckResult.Healthy(data: facts));
        }

        private string? Warning()
        {
            if (upstream.Unauthorized)
                return "The upstream refuses the token (Replicate:ApiToken).";
            if (upstream.ReadsPausedUntil + Recent > clock.Now)
                return "The upstream does not answer. GenApi keeps trying, and polls running generations later.";
            if (upstream.OutOfCreditAt is not null)
                return "The upstream's account has no credit left: the upstream refused the last creation.";
            return upstream.CreationsReducedTo is { } perMinute
                ? $"The upstream's account is low on credit: the upstream accepts {perMinute} creations a minute."
                : null;
        }
    }
}
