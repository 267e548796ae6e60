using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GenApi.Tests.Accounts.Sessions;

/// <summary>
/// Sends requests as a page in a browser would: with the cookies of its host, and with the anti-forgery token on changes.
/// </summary>
internal sealed partial class PageBrowser(GenApiApp app, params (string Name, string Value)[] always)
{
    /// <summary>The cookies by name.</summary>
    public Dictionary<string, string> Cookies { get; } = [];

    /// <summary>The attributes of the cookies that were set last, in lower case, by name.</summary>
    public Dictionary<string, string> Attributes { get; } = [];

    /// <summary>The anti-forgery token that changes carry; null: none.</summary>
    public string? Token { get; set; }

    /// <summary>The host that the browser shows. Another one than the port of the test, which changes with a restart.</summary>
    public string Host { get; init; } = "pictures.example";

    public async Task<Answer> SignInAsync(string key)
    {
        var answer = await SendAsync("POST", "/session", new { key });
        Token = answer.Status == 200 ? answer["antiforgery", "token"].GetString() : Token;
        return answer;
    }

    public async Task<Answer> SessionAsync()
    {
        var answer = await SendAsync("GET", "/session");
        Token = answer["antiforgery"].ValueKind == JsonValueKind.Object ? answer["antiforgery", "token"].GetString() : null;
        return answer;
    }

    /// <param name="method">The method. Changes carry the token.</param>
    /// <param name="path">The path.</param>
    /// <param name="body">An object, a text as it is, or null.</param>
    /// <param name="headers">Further headers.</param>
    public async Task<Answer> SendAsync(string method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        var all = new List<(string, string)>(headers) { ("Host", Host) };
        all.AddRange(always);
        if (Cookies.Count > 0)
            all.Add(("Cookie", CookieHeader));
        if (Token is not null && method != "GET")
            all.Add(("X-CSRF-Token", Token));
        var text = body as string ?? (body is null ? null : JsonSerializer.Serialize(body));
        var content = text is null ? null : new StringContent(text, Encoding.UTF8, "application/json");
        var answer = await app.SendAsync(new HttpMethod(method), path, content, [.. all]);
        foreach (var cookie in BetweenCookies().Split(answer.Header("Set-Cookie") ?? "").Where(each => each.Length > 0))
            Keep(cookie);
        return answer;
    }

    public string CookieHeader => string.Join("; ", Cookies.Select(each => $"{each.Key}={each.Value}"));

    private void Keep(string cookie)
    {
        var (pair, attributes) = (cookie.Split(';')[0], cookie[cookie.IndexOf(';', StringComparison.Ordinal)..].ToLowerInvariant());
        var (name, value) = (pair.Split('=')[0], pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        Attributes[name] = attributes;
        if (value.Length == 0)
            Cookies.Remove(name);
        else
            Cookies[name] = value;
    }

    [GeneratedRegex(", (?=genapi-)")]
    private static partial Regex BetweenCookies();
}
