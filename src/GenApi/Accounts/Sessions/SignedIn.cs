using System.Security.Claims;
using GenApi.Core.Accounts;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace GenApi.Accounts.Sessions;

/// <summary>Holds what the session cookie of a request says.</summary>
/// <param name="Handler">Reads, renews and deletes the cookie of this request.</param>
/// <param name="User">The user to whom anti-forgery tokens belong; null if the session has ended.</param>
/// <param name="Caller">The caller as its key is now; null if the session has ended.</param>
/// <param name="Refusal">Why there is no caller; null if there is one.</param>
internal sealed record SignedIn(CookieAuthenticationHandler Handler, ClaimsPrincipal? User, Caller? Caller, string? Refusal);
