using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Hosting.Problems;

namespace GenApi.Doors.Replicate;

/// <summary>
/// Writes problems as Replicate does: <c>detail</c>, <c>status</c>, <c>title</c>, and for a wrong input <c>invalid_fields</c> with status
/// 422. Our code and trace id come with them.
/// </summary>
internal sealed class ReplicateProblemForm : ProblemForm
{
    private const int InvalidInput = StatusCodes.Status422UnprocessableEntity;

    private static readonly string InvalidRequestCode = ErrorCodes.Of(ErrorKind.InvalidRequest),
        InvalidInputCode = ErrorCodes.Of(ErrorKind.InvalidInput), UnknownModelCode = ErrorCodes.Of(ErrorKind.UnknownModel),
        UnauthenticatedCode = ErrorCodes.Of(ErrorKind.Unauthenticated), BudgetCode = ErrorCodes.Of(ErrorKind.BudgetExhausted);

    public override PathString Prefix => ReplicateDoor.Prefix;

    public override FormedProblem Write(Problem problem, HttpContext context)
    {
        var isCreation = HttpMethods.IsPost(context.Request.Method)
            && context.Request.Path.Value!.TrimEnd('/').EndsWith("/predictions", StringComparison.OrdinalIgnoreCase);
        var hasFields = isCreation && problem is { Errors.Count: > 0 }
            && (problem.Code == InvalidRequestCode || problem.Code == InvalidInputCode);
        // By the path, the model is a part of the address; in the body, it is a version.
        var isVersion = isCreation && problem.Code == UnknownModelCode
            && !context.Request.Path.StartsWithSegments(ReplicateDoor.Root + "/models", StringComparison.OrdinalIgnoreCase);
        var status = hasFields || isVersion ? InvalidInput : Status(problem);
        var title = hasFields ? "Input validation failed" : isVersion ? "Invalid version or not permitted" : Title(problem);

        using var body = new DoorBody();
        var json = body.Json;
        json.WriteStartObject();
        json.WriteString("title", title);
        json.WriteString("detail", Detail(problem, hasFields));
        json.WriteNumber("status", status);
        if (hasFields)
            WriteFields(json, problem.Errors!);
        if (problem.RetryAfter is { } seconds)
            json.WriteNumber("retry_after", seconds);
        json.WriteString("code", problem.Code);
        json.WriteString("trace_id", problem.TraceId);
        if (problem.GenerationId is { } generation)
            json.WriteString("generation_id", generation);
        json.WriteEndObject();
        return new(status, Problem.ContentType, [.. body.Text(), (byte)'\n']);
    }

    /// <summary>Once something may have been billed, no status that clients repeat.</summary>
    private static int Status(Problem problem) => problem.GenerationId is not null
        && problem.Status is StatusCodes.Status408RequestTimeout or StatusCodes.Status409Conflict or StatusCodes.Status429TooManyRequests
            or >= StatusCodes.Status500InternalServerError
        ? StatusCodes.Status400BadRequest
        : problem.Status;

    /// <summary>Clients know some problems by their titles.</summary>
    private static string Title(Problem problem) => problem.Code switch
    {
        var code when code == UnauthenticatedCode => "Unauthenticated",
        var code when code == BudgetCode => "Insufficient credit",
        _ => problem.Title,
    };

    private static string Detail(Problem problem, bool hasFields)
    {
        if (hasFields)
            return string.Concat(problem.Errors!.SelectMany(each => each.Value.Select(text => $"- {Field(each.Key)}: {text}\n")));
        var paths = problem.Errors?.Keys ?? Enumerable.Empty<string>();
        return paths.Aggregate(problem.Detail, (text, path) => text.Replace($"{path}: ", "", StringComparison.Ordinal));
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyDictionary<string, string[]> errors)
    {
        json.WriteStartArray("invalid_fields");
        foreach (var (path, texts) in errors)
        {
            foreach (var text in texts)
            {
                json.WriteStartObject();
                json.WriteString("type", Type(text));
                json.WriteString("field", Field(path));
                json.WriteString("description", text);
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
    }

    /// <summary>Returns Replicate's word for the kind of an error, as far as its sentence tells.</summary>
    private static string Type(string text) => text switch
    {
        _ when text.StartsWith("is required", StringComparison.Ordinal) => "required",
        _ when text.Contains("is not known here", StringComparison.Ordinal) => "additional_property_not_allowed",
        _ when text.StartsWith("must be one of", StringComparison.Ordinal) => "enum",
        _ => "invalid",
    };

    /// <summary>Writes a JSON path as Replicate names fields: <c>input.prompt</c>.</summary>
    private static string Field(string path) => path switch
    {
        "$" => "",
        _ when path.StartsWith("$.", StringComparison.Ordinal) => path[2..],
        _ when path.StartsWith('$') => path[1..],
        _ => path,
    };
}
