using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Hosting.Requests;
using Microsoft.Extensions.Primitives;

namespace GenApi.Accounts;

/// <summary>
/// Reads for whom a request is made: the member <c>user</c> of its body, and the headers that Open WebUI sends. The caller says so; GenApi
/// can't check it.
/// </summary>
internal static class EndUserReader
{
    public const string IdHeader = "X-OpenWebUI-User-Id", EmailHeader = "X-OpenWebUI-User-Email", NameHeader = "X-OpenWebUI-User-Name";

    /// <summary>The member of bodies.</summary>
    public const string Member = "user";

    /// <summary>
    /// Returns the end user: by the id in the header, otherwise by <paramref name="user"/>, otherwise by the email address in the header.
    /// An empty text counts as absent. A request without any of them costs three look-ups.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="user">The member <c>user</c> of the body; null: none.</param>
    /// <returns>Null: the request names no end user.</returns>
    /// <exception cref="GenApiException">InvalidRequest, with every value that is wrong.</exception>
    public static EndUser? Read(HttpContext context, string? user)
    {
        var headers = context.Request.Headers;
        var (hasId, hasEmail) = (headers.TryGetValue(IdHeader, out var id), headers.TryGetValue(EmailHeader, out var email));
        var hasName = headers.TryGetValue(NameHeader, out var name);
        return hasId || hasEmail || hasName || user is not null ? Read(user, id, email, name) : null;
    }

    private static EndUser? Read(string? user, StringValues id, StringValues email, StringValues name)
    {
        var errors = new MemberErrors();
        var byMember = Checked("$." + Member, Member, user, EndUser.LongestId, errors);
        var byHeader = Header(IdHeader, Single(IdHeader, id, errors), EndUser.LongestId, errors);
        var address = Header(EmailHeader, Single(EmailHeader, email, errors), EndUser.LongestEmail, errors);
        var called = Header(NameHeader, Unescaped(name), EndUser.LongestName, errors);
        errors.ThrowIfAny();
        // An address that is too long for an id is no id.
        var first = byHeader ?? byMember ?? (address is not null && Characters.AreAtMost(address, EndUser.LongestId) ? address : null);
        return first is null ? null : new(first, address, called);
    }

    private static string? Header(string header, StringValues value, int longest, MemberErrors errors)
    {
        if (value.Count <= 1)
            return Checked(header, header, value.Count == 0 ? null : value[0], longest, errors);
        errors.Add(header, $"'{header}' must be sent once; there are {value.Count} of them. Send one with one value.");
        return null;
    }

    /// <summary>Refuses a comma: clients and proxies join several headers of a name with one. A person's name may have one.</summary>
    private static StringValues Single(string header, StringValues value, MemberErrors errors)
    {
        if (value is not [{ } text] || !text.Contains(',', StringComparison.Ordinal))
            return value;
        errors.Add(header, $"'{header}' must be one value without a comma, which joins several headers. Send one with one value.");
        return default;
    }

    /// <returns>The text without spaces around it; null: there is none, or it is wrong.</returns>
    private static string? Checked(string path, string what, string? value, int longest, MemberErrors errors)
    {
        var text = value?.Trim();
        if (string.IsNullOrEmpty(text))
            return null;
        if (text.Any(IsUnprintable))
            errors.Add(path, $"'{what}' must be one line of 1 to {longest} characters; it has control characters.");
        else if (!Characters.AreAtMost(text, longest))
            errors.Add(path, $"'{what}' must be one line of 1 to {longest} characters; it has {Characters.Count(text)}.");
        else
            return text;
        return null;
    }

    // U+2028 and U+2029 end a line too.
    private static bool IsUnprintable(char letter) => char.IsControl(letter) || letter is '\u2028' or '\u2029';

    /// <summary>Decodes a name: Open WebUI percent-encodes it since 2025 and sent it bare before.</summary>
    private static StringValues Unescaped(StringValues name) =>
        name is [{ } text] && text.Contains('%', StringComparison.Ordinal) ? new(Uri.UnescapeDataString(text)) : name;
}
