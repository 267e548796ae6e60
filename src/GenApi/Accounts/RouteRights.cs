using GenApi.Core.Accounts;
using GenApi.Core.Errors;

namespace GenApi.Accounts;

/// <summary>
/// Sets the right that a route needs. A route without one needs the right admin, unless AllowAnonymous() opens it to everybody.
/// </summary>
internal static class RouteRights
{
    public static TBuilder Needs<TBuilder>(this TBuilder route, KeyRights right) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new NeededRight(right, null));

    /// <summary>Sets the right of a route that a valid link opens for anyone.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder route, KeyRights right, LinkRule link)
        where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new NeededRight(right, link));

    /// <summary>Returns the caller, on every route that needs a right.</summary>
    public static Caller Caller(this HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("This route is open to everybody and knows no caller.");

    /// <summary>Returns the caller's address for the audit log.</summary>
    public static string Origin(this HttpContext context) =>
        context.Connection.RemoteIpAddress?.ToString() ?? "local"; // Null: a Unix socket.

    /// <summary>Waits on behalf of the caller, for as long as the caller is connected and its key is valid.</summary>
    /// <exception cref="GenApiException">Unauthenticated: the key was revoked or has expired meanwhile.</exception>
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
            throw new GenApiException(ErrorKind.Unauthenticated, "The API key is no longer valid.");
        }
    }
}

/// <summary>Says whether the request has a valid link. The caller is not identified then.</summary>
/// <param name="context">The request.</param>
/// <param name="refusal">The refusal of an invalid link; null if there is no link or it is valid.</param>
internal delegate bool LinkRule(HttpContext context, out GenApiException? refusal);

internal sealed record NeededRight(KeyRights Right, LinkRule? Link);
