namespace GenApi.Accounts;

/// <summary>The schemes of <c>Authorization</c> in which the clients of a door send an API key. Every route takes <c>Bearer</c>.</summary>
internal enum KeyScheme
{
    /// <summary><c>Bearer</c> alone.</summary>
    Bearer,

    /// <summary>Also <c>Token genapi_…</c>, as older clients of Replicate write it.</summary>
    Token,

    /// <summary>Also HTTP Basic: the key is the password, beside any user name; or the user name, if there is no password.</summary>
    Basic,
}

/// <summary>Lets the callers of a route send their API key in a further scheme.</summary>
/// <param name="Scheme">The scheme besides <c>Bearer</c>.</param>
internal sealed record DoorCredentials(KeyScheme Scheme);

/// <summary>Marks a route whose answers also show the caller's limit in <c>ratelimit-remaining</c> and <c>ratelimit-reset</c>.</summary>
internal sealed record RemainingHeaders;

internal static class DoorCredentialsRouting
{
    /// <summary>Lets callers send their API key in <paramref name="scheme"/> too.</summary>
    public static TBuilder AlsoTakes<TBuilder>(this TBuilder route, KeyScheme scheme) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new DoorCredentials(scheme));

    /// <inheritdoc cref="RemainingHeaders"/>
    public static TBuilder ShowsRemaining<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new RemainingHeaders());

    /// <summary>Returns the scheme that the route of a request takes besides <c>Bearer</c>.</summary>
    public static KeyScheme DoorScheme(this HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<DoorCredentials>()?.Scheme ?? KeyScheme.Bearer;
}
