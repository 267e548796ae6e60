using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Tests.Documentation;

namespace GenApi.Tests.Fuzz;

/// <summary>The rules that every answer must satisfy, whatever the request.</summary>
internal static partial class FuzzVerdict
{
    /// <summary>
    /// Statuses with which the server itself rejects bytes that are not HTTP, too long or of another version. They have no body.
    /// </summary>
    private static readonly int[] OfTheServer = [400, 405, 408, 411, 413, 414, 431, 501, 505];

    /// <summary>Statuses above 500 that are no fault of the service: the request can't be satisfied.</summary>
    private static readonly string[] Excused = ["not_cached", "upstream_failed", "upstream_no_output"];

    [GeneratedRegex("^[a-z0-9_]+$")]
    private static partial Regex Code { get; }

    /// <returns>The fault; null: none.</returns>
    public static string? Of(FuzzRequest request, Answer answer, DescribedApi described)
    {
        if (answer.Text.Contains(GenApiApp.Token, StringComparison.Ordinal))
            return "It tells the token.";
        if (request.Operation is { IsDescribed: true, Method: var method, Path: var path }
            && described.Judge(method, path, answer) is { } fault)
            return fault;
        if (answer.Status < 400)
            return Good(request, answer);
        if (answer.Header("X-Request-Id") is null)
            return request.IsBroken && OfTheServer.Contains(answer.Status) && answer.Body.Length == 0
                ? null
                : "It was not the service that answered.";
        if (answer.Header("Content-Type") != "application/problem+json")
            return "It is no problem document.";
        return request.Method == "HEAD" ? (answer.Body.Length == 0 ? null : "An answer to HEAD has a body.") : Problem(answer);
    }

    private static string? Good(FuzzRequest request, Answer answer)
    {
        if (request.Method == "HEAD" && answer.Body.Length > 0)
            return "An answer to HEAD has a body.";
        if (answer.Status is >= 300 and not (301 or 302 or 304))
            return "A redirection that nobody knows of.";
        if (request.Method != "HEAD"
            && answer.Status is not 304 && answer.Header("Content-Type")?.Contains("json", StringComparison.Ordinal) == true
            && !IsJson(answer.Body))
            return "It says that it is JSON and is not.";
        return null;
    }

    private static string? Problem(Answer answer)
    {
        if (!IsJson(answer.Body))
            return "The problem document is no JSON.";
        if (answer["status"].GetInt32() != answer.Status)
            return "The problem tells another status.";
        if (!Code.IsMatch(answer.Code) || answer["type"].GetString() != $"urn:genapi:problem:{answer.Code}")
            return "The problem has no code.";
        if (answer["title"].GetString() is not { Length: > 0 }
            || answer["detail"].GetString() is not { Length: > 0 } detail || answer["trace_id"].GetString()?.Length != 32)
            return "Something is missing in the problem.";
        if (detail.Contains("Exception", StringComparison.Ordinal)
            || detail.Contains("   at ", StringComparison.Ordinal) || detail.Contains("System.", StringComparison.Ordinal))
            return "The problem tells of our insides.";
        return answer.Status >= 500 && !Excused.Contains(answer.Code) ? "The service failed." : null;
    }

    private static bool IsJson(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
