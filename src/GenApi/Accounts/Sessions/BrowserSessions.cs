using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts.Sessions;

/// <summary>
/// Signs browsers in with an API key and recognizes them by a cookie. The cookie names the key and is encrypted; each request looks the
/// key up again, so a revoked, expired or rotated key ends its sessions at once. ASP.NET Core's handler writes, reads and renews the
/// cookie. Its middleware is not used, because every request of a program would pay for it. Nothing is loaded before the first cookie.
/// </summary>
internal sealed class BrowserSessions(ApiKeys keys, ForeignPages pages, IOptionsMonitor<CookieAuthenticationOptions> options)
{
    /// <summary>The header with the anti-forgery token.</summary>
    public const string TokenHeader = "X-CSRF-Token";

    /// <summary>The route of sessions.</summary>
    public const string Path = "/session";

    private const string Ended = "The session has ended. Sign in again.";

    private static readonly AuthenticationScheme Scheme =
        new(SessionCookie.Session, displayName: null, typeof(CookieAuthenticationHandler));

    /// <summary>Returns whether the request has a session cookie, whatever it is worth.</summary>
    public static bool HasCookie(HttpRequest request) => request.Headers.Cookie.Count > 0
        && request.Cookies.ContainsKey(SessionCookie.NameFor(SessionCookie.Session, request));

    /// <summary>
    /// Reads the cookie of a request. The answer to <see cref="Renews"/> then replaces a cookie that is in the second half of its life.
    /// </summary>
    public async Task<SignedIn> ReadAsync(HttpContext context)
    {
        var handler = await HandlerAsync(context);
        var user = (await handler.AuthenticateAsync()).Principal;
        if (user is null || KeyStamp.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier)) is not { } stamp)
            return new(handler, null, null, Ended);
        var match = keys.Find(stamp);
        return match.Caller is { } caller
            ? new(handler, user, caller, null)
            : new(handler, null, null, match.Refusal.Sentence());
    }

    /// <summary>
    /// Returns whether the answer to a request may carry a renewed cookie. Only <c>GET /session</c> may, which a page asks first: an image
    /// that arrives after a sign-out would sign the browser in again, and an answer with a cookie can't be cached.
    /// </summary>
    public static bool Renews(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Path.StartsWithSegments(Path);

    /// <summary>Refuses a change that another page may have made the browser request.</summary>
    /// <returns>Null: the request may go on.</returns>
    public async Task<GenApiException?> RefuseForgeryAsync(HttpContext context, SignedIn session)
    {
        if (ForeignPages.IsSafe(context.Request.Method))
            return null;
        if (pages.RefuseWithCookie(context.Request) is { } foreign)
            return foreign;
        context.User = session.User!;
        return await AntiForgery(context).IsRequestValidAsync(context)
            ? null
            : GenApiException.ForMember(
                ErrorKind.Forbidden, TokenHeader,
                "a change with a session needs the anti-forgery token of this browser. Read it with GET /session and send it as "
                + $"{TokenHeader}.");
    }

    /// <summary>Makes the token that <see cref="RefuseForgeryAsync"/> wants, and sets the cookie that belongs to it.</summary>
    public static string TokenFor(HttpContext context, ClaimsPrincipal user)
    {
        context.User = user;
        return AntiForgery(context).GetAndStoreTokens(context).RequestToken!;
    }

    /// <summary>Sets the session cookie for a caller with a key.</summary>
    /// <returns>The user to whom anti-forgery tokens belong.</returns>
    /// <exception cref="GenApiException">
    /// StorageUnavailable: the keys that encrypt cookies can't be read or made. Unauthenticated: the API key is gone meanwhile.
    /// </exception>
    public async Task<ClaimsPrincipal> BeginAsync(HttpContext context, Caller caller)
    {
        var stamp = keys.StampOf(caller)?.ToString()
            ?? throw new GenApiException(ErrorKind.Unauthenticated, KeyRefusal.Unknown.Sentence());
        // Anti-forgery tokens belong to the name identifier, so they end with the secret of the key too.
        var user = new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, stamp)], SessionCookie.Session));
        try
        {
            await (await HandlerAsync(context)).SignInAsync(user, new AuthenticationProperties { IsPersistent = true });
        }
        catch (CryptographicException failure)
        {
            throw new GenApiException(
                ErrorKind.StorageUnavailable,
                $"Nobody can sign in: the keys of sessions ('{SessionKeyFiles.Folder}') can't be read or written.", failure);
        }
        return user;
    }

    /// <summary>Deletes the session cookie.</summary>
    public static Task EndAsync(SignedIn session) => session.Handler.SignOutAsync(properties: null);

    private async Task<CookieAuthenticationHandler> HandlerAsync(HttpContext context)
    {
        // It logs each sign-in without saying whose; SessionEndpoints logs that.
        var handler = new CookieAuthenticationHandler(options, NullLoggerFactory.Instance, UrlEncoder.Default);
        await handler.InitializeAsync(Scheme, context);
        return handler;
    }

    /// <summary>Resolves the service at its first use. It loads the keys of data protection, and a start must not wait for them.</summary>
    private static IAntiforgery AntiForgery(HttpContext context) => context.RequestServices.GetRequiredService<IAntiforgery>();
}
