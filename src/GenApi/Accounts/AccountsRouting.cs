using GenApi.Accounts.Entrance;
using GenApi.Accounts.Sessions;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using Microsoft.AspNetCore.OpenApi;

namespace GenApi.Accounts;

internal static class AccountsRouting
{
    /// <summary>Registers the room. Call it after Core's: the keys must be loaded before the entrance is checked.</summary>
    public static IServiceCollection AddAccountEndpoints(this IServiceCollection services)
    {
        services.AddSessions();
        services.AddSingleton<KeylessEntry>();
        services.AddHostedService<EntranceCheck>();
        services.AddHostedService<SecretsCheck>();
        services.Configure<OpenApiOptions>("v1", options => options.AddDocumentTransformer(AccountsDocument.TransformAsync));
        return services;
    }

    /// <summary>
    /// Adds the authentication: after the error handling, which writes its refusals, and before everything that serves a caller.
    /// </summary>
    public static void UseAccounts(this IApplicationBuilder app) => app.UseMiddleware<Admission>();

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var (apiKeys, budgets) = (services.GetRequiredService<ApiKeys>(), services.GetRequiredService<BudgetReservations>());
        var (upstream, time) = (services.GetRequiredService<ReplicateUpstream>(), services.GetRequiredService<TimeProvider>());
        routes.MapSessions();
        var audit = new AuditEndpoints(services.GetRequiredService<AuditLog>(), services.GetRequiredService<PageCursors>());
        AuditEndpoints.Document(routes.MapGet("/accounts/audit", (Delegate)audit.ListAsync).Needs(KeyRights.Admin));
        var endpoints = new KeyEndpoints(apiKeys, budgets, upstream, time);
        var keys = routes.MapGroup("/accounts/keys").Needs(KeyRights.Admin);
        keys.MapPost("", (Delegate)endpoints.CreateAsync).DocumentCreate();
        keys.MapGet("", (Delegate)endpoints.ListAsync).DocumentList();
        keys.MapGet("/{id}", endpoints.GetAsync).DocumentGet();
        keys.MapPatch("/{id}", endpoints.ChangeAsync).DocumentChange();
        keys.MapPost("/{id}/rotate", endpoints.RotateAsync).DocumentRotate();
        var secrets = new WebhookSecretEndpoints(services.GetRequiredService<AccountSecrets>());
        keys.MapPost("/{id}/webhook-secret/rotate", secrets.RotateAsync).DocumentRotateSecretOfKey();
        keys.MapDelete("/{id}", endpoints.RevokeAsync).DocumentRevoke();
        var me = new MeEndpoint(apiKeys, budgets, upstream);
        routes.MapGet("/accounts/me", (Delegate)me.GetAsync).Needs(KeyRights.Read).DocumentMe();
        routes.MapGet("/accounts/me/webhook-secret", (Delegate)secrets.GetAsync).Needs(KeyRights.Generate).DocumentSecret();
        routes.MapPost("/accounts/me/webhook-secret/rotate", (Delegate)secrets.RotateOwnAsync).Needs(KeyRights.Generate)
            .DocumentRotateSecret();
        var usage = new UsageEndpoints(services.GetRequiredService<UsageReports>(), upstream, time);
        routes.MapGet("/usage", (Delegate)usage.GetAsync).Needs(KeyRights.Read).DocumentUsage();
    }
}
