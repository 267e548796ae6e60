using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace GenApi.Upstream;

internal static class UpstreamRegistration
{
    /// <summary>Register it before Core: hosted services start in this order, and the upstream must be chosen before the worker.</summary>
    public static IServiceCollection AddUpstream(this IServiceCollection services)
    {
        services.AddHostedService<EmbeddedSandbox>();
        services.AddHealthChecks().AddCheck<UpstreamCheck>("upstream");
        return services;
    }

    /// <summary>Tells what is known without asking. What is wrong up there is a warning: what is stored can still be served.</summary>
    private sealed class UpstreamCheck(ReplicateUpstream upstream, IOptions<ReplicateOptions> options, SteadyClock clock) : IHealthCheck
    {
        /// <summary>So long after a pause it is still a warning when nobody has asked since; what came of it after that nobody knows.</summary>
        private static readonly TimeSpan StillNews = TimeSpan.FromMinutes(1);

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (!upstream.IsChosen)
                return Task.FromResult(HealthCheckResult.Unhealthy("The upstream is not chosen yet."));
            var isSandbox = upstream.Name == ReplicateUpstream.SandboxName;
            var facts = new Dictionary<string, object>
            {
                ["mode"] = upstream.Name,
                ["token"] = upstream.Unauthorized ? "refused" : isSandbox ? "not needed" : options.Value.ApiToken.Length > 0 ? "set" : "missing",
                ["credit"] = upstream.OutOfCreditAt is not null ? "used up" : upstream.CreationsReducedTo is not null ? "low"
                    : "not refused",
            };
            return Task.FromResult(Warning() is { } warning ? HealthCheckResult.Degraded(warning, data: facts) : HealthCheckResult.Healthy(data: facts));
        }

        private string? Warning()
        {
            if (upstream.Unauthorized)
                return "The upstream refuses the token (Replicate:ApiToken).";
            if (upstream.ReadsPausedUntil + StillNews > clock.Now)
                return "The upstream does not answer: it is asked again from time to time, and what is running is looked at later.";
            if (upstream.OutOfCreditAt is not null)
                return "The upstream's account has no credit left: it refused the last creation for that.";
            return upstream.CreationsReducedTo is { } perMinute ? $"The upstream's account is low on credit: it takes {perMinute} creations a minute." : null;
        }
    }
}
