using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Hosting.OpenApi;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts.Sessions;

internal static class SessionsRouting
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var endpoints = new SessionEndpoints(
            services.GetRequiredService<ApiKeys>(), services.GetRequiredService<NewKeys>(), services.GetRequiredService<BrowserSessions>(),
            services.GetRequiredService<ForeignPages>(), services.GetRequiredService<IOptions<AccountsOptions>>(),
            services.GetRequiredService<ILogger<SessionEndpoints>>());
        new OperationDocs(routes.MapGet(BrowserSessions.Path, (Delegate)endpoints.GetAsync).AllowAnonymous())
            .Is("GetSession", ApiTags.Accounts, "Ask whether this browser is signed in",
                "Also gives the anti-forgery token that every change with a session needs. A cookie that is worth nothing is deleted.")
            .Answer<SessionContract>(200, "The session of the request's cookie.", ("Set-Cookie", "The cookie of the token."))
            .Problems();
        new OperationDocs(routes.MapPost(BrowserSessions.Path, (Delegate)endpoints.SignInAsync).AllowAnonymous())
            .Is("SignIn", ApiTags.Accounts, "Sign in",
                "Begins a session of this browser. Its cookie replaces the key on every route; a request with a key never uses the cookie.")
            .Body<SignInRequest>(("key", "An API key", """{"key": "genapi_…"}"""))
            .Answer<SessionContract>(200, "Signed in.", ("Set-Cookie", "The session, and the cookie of the token."))
            .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.Unauthenticated, ErrorKind.Forbidden,
                ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType);
        new OperationDocs(routes.MapDelete(BrowserSessions.Path, (Delegate)endpoints.SignOutAsync).AllowAnonymous())
            .Is("SignOut", ApiTags.Accounts, "Sign out", "Deletes the cookie of this browser. Other browsers stay signed in.")
            .Header(BrowserSessions.TokenHeader, "The anti-forgery token of `GET /session`. Required with a session.")
            .Answer(204, "This browser is signed out.", ("Set-Cookie", "Deletes the session."))
            .Problems(ErrorKind.Forbidden);
    }
}
