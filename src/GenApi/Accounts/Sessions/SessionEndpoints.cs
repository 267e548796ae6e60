using System.Security.Claims;
using System.Text.Json;
using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.Edge;
using GenApi.Hosting.Requests;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts.Sessions;

/// <summary>/session. Everyone may ask; nothing here reveals a key.</summary>
internal sealed partial class SessionEndpoints(
    ApiKeys keys, NewKeys newKeys, BrowserSessions sessions, ForeignPages pages, IOptions<AccountsOptions> options,
    ILogger<SessionEndpoints> logger)
{
    private const string Key = "key";

    private readonly bool _allowAnonymous = options.Value.AllowAnonymous;

    public async Task GetAsync(HttpContext context)
    {
        if (!BrowserSessions.HasCookie(context.Request))
        {
            await WriteAsync(context, null, null);
            return;
        }
        var session = await sessions.ReadAsync(context);
        if (session.Caller is null)
            await BrowserSessions.EndAsync(session);
        await WriteAsync(context, session.Caller, session.User);
    }

    public async Task SignInAsync(HttpContext context)
    {
        if (pages.RefuseWithCookie(context.Request) is { } foreign)
        {
            await ProblemHandler.WriteAsync(context, foreign);
            return;
        }
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.FewBytes, context.RequestAborted);
        var match = await newKeys.FindAsync(ReadKey(body).Trim(), context.RequestAborted);
        if (match.Caller is not { } caller)
        {
            await ProblemHandler.WriteAsync(context, new(ErrorKind.Unauthenticated, keys.HasKeys
                ? match.Refusal.Sentence()
                : "There are no API keys yet, so there is nothing to sign in with and no need to."));
            return;
        }
        context.Features.Set(caller);
        var user = await sessions.BeginAsync(context, caller);
        Log.SignedIn(logger, caller.Name, context.Origin());
        await WriteAsync(context, caller, user);
    }

    public async Task SignOutAsync(HttpContext context)
    {
        if (BrowserSessions.HasCookie(context.Request))
        {
            var session = await sessions.ReadAsync(context);
            if (session.Caller is { } caller)
            {
                context.Features.Set(caller);
                if (await sessions.RefuseForgeryAsync(context, session) is { } refusal)
                {
                    await ProblemHandler.WriteAsync(context, refusal);
                    return;
                }
                Log.SignedOut(logger, caller.Name, context.Origin());
            }
            await BrowserSessions.EndAsync(session);
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.CacheControl = "no-store";
    }

    /// <summary>Reads the body strictly. No message repeats a value, because it may be a key.</summary>
    private static string ReadKey(JsonElement body)
    {
        var errors = new MemberErrors();
        if (body.ValueKind != JsonValueKind.Object)
            errors.Add("$", "the body must be a JSON object with the member 'key'.");
        errors.ThrowIfAny();
        JsonTexts.Check(body, errors);
        errors.ThrowIfAny();
        JsonTexts.CheckDuplicates(body, errors);
        foreach (var member in body.EnumerateObject().Where(member => member.Name != Key))
            errors.Unknown("$", member.Name, [Key]);
        var isThere = body.TryGetProperty(Key, out var key);
        if (!isThere)
            errors.Add("$.key", "'key' is missing: give an API key.");
        else if (key.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(key.GetString()))
            errors.Add("$.key", "'key' must be a string with an API key, such as genapi_…");
        errors.ThrowIfAny();
        return key.GetString()!;
    }

    private async Task WriteAsync(HttpContext context, Caller? caller, ClaimsPrincipal? user)
    {
        var token = user is null ? null : BrowserSessions.TokenFor(context, user);
        var contract = new SessionContract
        {
            SignedIn = caller is not null,
            NeedsKey = keys.HasKeys && !_allowAnonymous,
            Name = caller?.Name,
            Antiforgery = token is null ? null : new(BrowserSessions.TokenHeader, token),
        };
        context.Response.Headers.CacheControl = "no-store";
        var json = JsonSerializer.SerializeToUtf8Bytes(contract, AccountsJsonContext.Answers.SessionContract);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "'{Name}' signed in ({From})")]
        public static partial void SignedIn(ILogger logger, string name, string from);

        [LoggerMessage(2, LogLevel.Information, "'{Name}' signed out ({From})")]
        public static partial void SignedOut(ILogger logger, string name, string from);
    }
}
