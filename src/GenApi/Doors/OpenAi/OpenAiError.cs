using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting.Problems;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.OpenAi;

/// <summary>OpenAI's error object: <c>message</c>, <c>type</c>, <c>param</c> and <c>code</c>.</summary>
internal readonly record struct OpenAiError
{
    private const int LongestMessage = 2_000;

    /// <summary>The stable code of our API.</summary>
    public required string Code { get; init; }

    public required string Message { get; init; }

    /// <summary>The status that it had in our own API, which decides the type.</summary>
    public required int Status { get; init; }

    /// <summary>The first member that is to blame; null if there is none.</summary>
    public string? Param { get; init; }

    /// <summary>The generation that it is about; null if nothing was created.</summary>
    public string? GenerationId { get; init; }

    public static OpenAiError Of(Problem problem) => new()
    {
        Code = problem.Code,
        Message = Sentence(problem.Detail, problem.Errors),
        Status = problem.Status,
        Param = Member(problem.Errors),
        GenerationId = problem.GenerationId,
    };

    public static OpenAiError Of(GenApiException failure) => new()
    {
        Code = failure.Code,
        Message = Sentence(failure.Message, failure.Errors),
        Status = ProblemTable.StatusOf(failure.Kind),
        Param = Member(failure.Errors),
        GenerationId = failure.GenerationId is { } id ? PublicId.Format(PublicId.Generation, id) : null,
    };

    /// <summary>Writes the object that clients expect as the value of <c>error</c>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("message", Message);
        json.WriteString("type", Type);
        json.WriteString("param", Param);
        json.WriteString("code", Code);
        if (GenerationId is not null)
            json.WriteString("generation_id", GenerationId);
        json.WriteEndObject();
    }

    private string Type => (Code, Status) switch
    {
        ("content_refused", _) => "image_generation_user_error",
        (_, StatusCodes.Status401Unauthorized) => "authentication_error",
        (_, StatusCodes.Status402PaymentRequired) => "insufficient_quota",
        (_, StatusCodes.Status403Forbidden) => "permission_error",
        (_, StatusCodes.Status429TooManyRequests) => "rate_limit_error",
        (_, >= 500) => "server_error",
        _ => "invalid_request_error",
    };

    /// <summary>All that is wrong in one text, because clients show nothing but the message.</summary>
    private static string Sentence(string detail, IReadOnlyDictionary<string, string[]>? errors) => errors is { Count: > 1 }
        ? MemberErrors.Shorten(
            string.Join(' ', errors.Select(each => $"{Name(each.Key)}: {string.Join(' ', each.Value).TrimEnd('.')}.")), LongestMessage)
        : detail;

    private static string? Member(IReadOnlyDictionary<string, string[]>? errors) =>
        errors?.Keys.FirstOrDefault(key => key != "$") is { } path ? Name(path) : null;

    private static string Name(string path) => path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;
}
