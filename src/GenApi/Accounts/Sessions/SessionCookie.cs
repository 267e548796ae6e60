using System.Globalization;

namespace GenApi.Accounts.Sessions;

/// <summary>
/// A cookie of one service on a host. Browsers send a cookie to every port of its host, so services at several ports would overwrite each
/// other's cookies. A port other than the scheme's default therefore becomes part of the name. The path is the path prefix of the request.
/// </summary>
/// <param name="name">The name at a default port.</param>
/// <param name="contexts">Finds the request.</param>
internal sealed class SessionCookie(string name, IHttpContextAccessor contexts) : CookieBuilder
{
    /// <summary>The name of the session cookie, and the one of the cookie that belongs to anti-forgery tokens.</summary>
    public const string Session = "genapi-session", AntiForgery = "genapi-antiforgery";

    /// <summary>The name for the request in progress.</summary>
    public override string? Name
    {
        get => contexts.HttpContext is { } context ? NameFor(name, context.Request) : name;
        set => throw new NotSupportedException("The name depends on the request.");
    }

    public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
    {
        var options = base.Build(context, expiresFrom);
        options.Path = context.Request.PathBase.HasValue ? context.Request.PathBase.Value : "/";
        return options;
    }

    /// <summary>Returns the name of a cookie as the browser of a request has it.</summary>
    public static string NameFor(string name, HttpRequest request) => request.Host.Port switch
    {
        null or 80 or 443 => name,
        { } port => string.Create(CultureInfo.InvariantCulture, $"{name}-{port}"),
    };
}
