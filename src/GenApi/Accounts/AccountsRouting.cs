using GenApi.Accounts.Entrance;
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
    /// <summary>Register it after Core: the keys must be loaded before the entrance is looked at.</summary>
    public static IServiceCollection AddAccountEndpoints(this IServiceCollection services)
    {
        services.AddSingleton<KeylessEntry>();
        services.AddHostedService<EntranceCheck>();
        services.AddHostedService<SecretsCheck>();
        services.Configure<OpenApiOptions>("v1", options => options.AddDocumentTransformer(AccountsDocument.TransformAsync));
        return services;
    }

    /// <summary>After the problems, which it answers with, and before everything that serves a caller.</summary>
    public static void UseAccounts(this IApplicationBuilder app) => app.UseMiddleware<Admission>();

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var endpoints = new KeyEndpoints(
            services.GetRequiredService<ApiKeys>(), services.GetRequiredService<BudgetReservations>(), services.GetRequiredService<ReplicateUpstream>(), services.GetRequiredService<TimeProvider>());
        var keys = routes.MapGroup("/accounts/keys").Needs(KeyRights.Admin);
        AuditEndpoints.Document(routes.MapGet("/accounts/audit", (Delegate)new AuditEndpoints(services.GetRequiredService<AuditLog>(), services.GetRequiredService<PageCursors>()).ListAsync).Needs(KeyRights.Admin));
        keys.MapPost("", (Delegate)endpoints.CreateAsync).DocumentCreate();
        keys.MapGet("", (Delegate)endpoints.ListAsync).DocumentList();
        keys.MapGet("/{id}", endpoints.GetAsync).DocumentGet();
        keys.MapPatch("/{id}", endpoints.ChangeAsync).DocumentChange();
        keys.MapPost("/{id}/rotate", endpoints.RotateAsync).DocumentRotate();
        var secrets = new WebhookSecretEndpoints(services.GetRequiredService<AccountSecrets>());
        keys.MapPost("/{id}/webhook-secret/rotate", secrets.RotateAsync).DocumentRotateSecretOfKey();
        keys.MapDelete("/{id}", endpoints.RevokeAsync).DocumentRevoke();
        var upstream = services.GetRequiredService<ReplicateUpstream>();
        var me = new MeEndpoint(services.GetRequiredService<ApiKeys>(), services.GetRequiredService<BudgetReservations>(), upstream);
        routes.MapGet("/accounts/me", (Delegate)me.GetAsync).Needs(KeyRights.Read).DocumentMe();
        routes.MapGet("/accounts/me/webhook-secret", (Delegate)secrets.GetAsync).Needs(KeyRights.Generate).DocumentSecret();
        routes.MapPost("/accounts/me/webhook-secret/rotate", (Delegate)secrets.RotateOwnAsync).Needs(KeyRights.Generate).DocumentRotateSecret();
        var usage = new UsageEndpoints(services.GetRequiredService<UsageReports>(), upstream, services.GetRequiredService<TimeProvider>());
        routes.MapGet("/usage", (Delegate)usage.GetAsync).Needs(KeyRights.Read).DocumentUsage();
    }
}
