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

    /// <summary>Tells what is known without asking. A refused token is a warning: what is stored can still be served.</summary>
    private sealed class UpstreamCheck(ReplicateUpstream upstream, IOptions<ReplicateOptions> options) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (!upstream.IsChosen)
                return Task.FromResult(HealthCheckResult.Unhealthy("The upstream is not chosen yet."));
            var isSandbox = upstream.Name == ReplicateUpstream.SandboxName;
            var facts = new Dictionary<string, object>
            {
                ["mode"] = upstream.Name,
                ["token"] = upstream.Unauthorized ? "refused" : isSandbox ? "not needed" : options.Value.ApiToken.Length > 0 ? "set" : "missing",
            };
            return Task.FromResult(upstream.Unauthorized
                ? HealthCheckResult.Degraded("The upstream refuses the token (Replicate:ApiToken).", data: facts)
                : HealthCheckResult.Healthy(data: facts));
        }
    }
}
