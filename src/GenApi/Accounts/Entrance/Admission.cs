using GenApi.Accounts.Sessions;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Hosting.Edge;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace GenApi.Accounts.Entrance;

/// <summary>
/// Identifies the caller and checks the route's right before the request is read. Every hit passes here, so it allocates nothing: all
/// requests of a key share one instance of the caller. A request with the cookie of a session pays for reading it.
/// </summary>
internal sealed class Admission(
    RequestDelegate next, ApiKeys keys, NewKeys newKeys, KeylessEntry keyless, BrowserSessions sessions, IOptions<AccountsOptions> options)
{
    private const string Challenge = "Bearer realm=\"GenApi\"";
    private const string InvalidToken = "Bearer realm=\"GenApi\", error=\"invalid_token\"";
    private const string BasicChallenge = "Basic realm=\"GenApi\", charset=\"UTF-8\"";

    private readonly bool _allowAnonymous = options.Value.AllowAnonymous;

    public Task InvokeAsync(HttpContext context)
    {
        // Answers of routing itself (no such path, no such method) reveal nothing.
        if (context.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return next(context);
        var rule = endpoint.Metadata.GetMetadata<NeededRight>();
        GenApiException? brokenLink = null;
        if (rule?.Link is { } link && link(context, out brokenLink))
            return next(context);
        var needed = rule?.Right ?? KeyRights.Admin;
        if (IsBySession(context))
            return AdmitBySessionAsync(context, needed, brokenLink);
        var caller = Identify(context, out var refusal);
        return caller is null && MayBeNew(context)
            ? AdmitNewAsync(context, needed, brokenLink)
            : AdmitAsync(context, caller, refusal, needed, brokenLink);
    }

    private bool MayBeNew(HttpContext context) =>
        KeyHeaders.TryRead(context.Request.Headers, context.DoorScheme(), out var secret, out _) && newKeys.MayHave(secret);

    /// <summary>Looks again, because the instance that made the key has answered its caller before this one knew of it.</summary>
    private async Task AdmitNewAsync(HttpContext context, KeyRights needed, GenApiException? brokenLink)
    {
        Caller? caller = null;
        GenApiException? refusal;
        context.Response.Headers.WWWAuthenticate = default;
        try
        {
            await newKeys.ReadAsync(context.RequestAborted);
            caller = Identify(context, out refusal);
        }
        catch (GenApiException fault)
        {
            refusal = fault;
        }
        await AdmitAsync(context, caller, refusal, needed, brokenLink);
    }

    private Task AdmitAsync(
        HttpContext context, Caller? caller, GenApiException? refusal, KeyRights needed, GenApiException? brokenLink)
    {
        if (caller is not null && !caller.Has(needed))
            refusal = Lacking(context, caller, needed);
        if (refusal is null && caller is { Limits: { IsNone: false } limits })
        {
            RateHeaders.Promise(context, limits);
            refusal = limits.Enter();
        }
        if (refusal is not null && brokenLink is not null)
        {
            // A caller with a link needs another link, and no browser should ask its user for credentials.
            context.Response.Headers.WWWAuthenticate = default;
            refusal = brokenLink;
        }
        if (refusal is not null)
            return ProblemHandler.WriteAsync(context, refusal);
        context.Features.Set(caller);
        return next(context);
    }

    private bool IsOpen => !keys.HasKeys && !_allowAnonymous;

    /// <summary>
    /// Says whether the request is identified by the cookie of a signed-in browser. A key always takes precedence, and programs send no
    /// cookies, so their requests cost no more than a look at a header.
    /// </summary>
    private bool IsBySession(HttpContext context) => context.Request.Headers.Cookie.Count > 0 && !IsOpen
        && !KeyHeaders.TryRead(context.Request.Headers, context.DoorScheme(), out _, out _) && BrowserSessions.HasCookie(context.Request);

    private async Task AdmitBySessionAsync(HttpContext context, KeyRights needed, GenApiException? brokenLink)
    {
        var session = await sessions.ReadAsync(context);
        var refusal = session.Caller is null
            ? Unauthenticated(context, Challenge, session.Refusal!)
            : await sessions.RefuseForgeryAsync(context, session);
        await AdmitAsync(context, refusal is null ? session.Caller : null, refusal, needed, brokenLink);
    }

    /// <returns>The caller; null with the reason for the refusal.</returns>
    private Caller? Identify(HttpContext context, out GenApiException? refusal)
    {
        refusal = null;
        var isOpen = IsOpen;
        var scheme = context.DoorScheme();
        if (!isOpen && KeyHeaders.TryRead(context.Request.Headers, scheme, out var secret, out var header))
        {
            var match = keys.Find(secret);
            if (match.Caller is null)
                refusal = Unauthenticated(context, InvalidToken, KeyHeaders.NotAlone(secret, header) ?? match.Refusal.Sentence());
            return match.Caller;
        }
        if (!isOpen && !_allowAnonymous)
        {
            refusal = Unauthenticated(context, Challenge, KeyHeaders.WrongForm(context.Request.Headers, scheme));
            return null;
        }
        var reason = isOpen ? keyless.RefuseLocal(context) : keyless.RefuseAnonymous(context);
        if (reason is not null)
            refusal = new GenApiException(ErrorKind.Forbidden, reason);
        return reason is null ? (isOpen ? keys.Open : keys.Anonymous) : null;
    }

    private static GenApiException Lacking(HttpContext context, Caller caller, KeyRights needed)
    {
        var word = needed.Words()[0];
        return caller.KeyId is null
            ? Unauthenticated(context, Challenge, $"This needs an API key with the right '{word}'.")
            : new GenApiException(ErrorKind.Forbidden, $"The API key '{caller.Name}' does not have the right '{word}'.");
    }

    private static GenApiException Unauthenticated(HttpContext context, string challenge, string sentence)
    {
        context.Response.Headers.WWWAuthenticate = context.DoorScheme() == KeyScheme.Basic
            ? new StringValues([BasicChallenge, challenge])
            : challenge;
        return new(ErrorKind.Unauthenticated, sentence);
    }
}
