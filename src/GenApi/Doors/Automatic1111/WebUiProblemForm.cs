using System.Text.Json;
using GenApi.Hosting.Problems;

namespace GenApi.Doors.Automatic1111;

/// <summary>Writes problems as AUTOMATIC1111's web UI does: a sentence in <c>detail</c>, and further problems in <c>errors</c>.</summary>
internal sealed class WebUiProblemForm : ProblemForm
{
    public override PathString Prefix => WebUiRouting.Prefix;

    public override FormedProblem Write(Problem problem, HttpContext context)
    {
        var lines = problem.Errors?.SelectMany(each => each.Value.Select(sentence => $"{each.Key}: {sentence}")).ToList();
        var errors = lines is { Count: > 0 } ? string.Join('\n', lines) : problem.Detail;
        var body = new WebUiProblem(problem.Code, problem.Detail, "", errors, problem.GenerationId);
        return new(StatusOf(problem), "application/json", JsonSerializer.SerializeToUtf8Bytes(body, WebUiJsonContext.Answers.WebUiProblem));
    }

    /// <summary>Once there is a generation, a repeat may be billed again, so no status may invite one.</summary>
    private static int StatusOf(Problem problem)
    {
        var isRepeated = problem.Status is StatusCodes.Status408RequestTimeout or StatusCodes.Status409Conflict
            or StatusCodes.Status429TooManyRequests or >= StatusCodes.Status500InternalServerError;
        return isRepeated && problem.GenerationId is not null ? StatusCodes.Status400BadRequest : problem.Status;
    }
}
