using GenApi.Core.Accounts;
using GenApi.Core.Errors;

namespace GenApi.Accounts;

/// <summary>What a route asks of its caller. A route that says nothing, and is not open to everybody by AllowAnonymous(), asks for the right admin.</summary>
internal static class RouteRights
{
    public static TBuilder Needs<TBuilder>(this TBuilder route, KeyRights right) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new NeededRight(right, null));

    /// <summary>The same for a route that a link can open too, whoever comes by it.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder route, KeyRights right, LinkRule link) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new NeededRight(right, link));

    /// <summary>Who asks, on every route that needs a right.</summary>
    public static Caller Caller(this HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("This route is open to everybody and knows no caller.");

    /// <summary>The caller's address, as the audit log has it.</summary>
    public static string Origin(this HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "local"; // Null: a Unix socket.

    /// <summary>Waits for something on behalf of the caller, for as long as the caller is there and may be.</summary>
    /// <exception cref="GenApiException">Unauthenticated: meanwhile the key was revoked or has expired.</exception>
    public static async Task<T> WhileAdmittedAsync<T>(this HttpContext context, Func<CancellationToken, Task<T>> wait)
    {
        var ended = context.Caller().Ended;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ended);
        try
        {
            return await wait(both.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            throw new GenApiException(ErrorKind.Unauthenticated, "The API key is no longer good.");
        }
    }
}

/// <summary>Whether the request came by a link that holds. It is not asked who the caller is then.</summary>
/// <param name="context">The request.</param>
/// <param name="refusal">Why the link that is there does not hold; null where there is none, or where it holds.</param>
internal delegate bool LinkRule(HttpContext context, out GenApiException? refusal);

internal sealed record NeededRight(KeyRights Right, LinkRule? Link);
