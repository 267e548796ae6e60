using System.Text.Json;
using GenApi.Hosting.Health;
using GenApi.Hosting.Problems;

namespace GenApi.Doors.Mcp;

/// <summary>
/// Writes problems outside a tool as errors of JSON-RPC: at the entrance, of the body, and of other methods than POST. The problem itself
/// is the data of the error.
/// </summary>
internal sealed class McpProblemForm : ProblemForm
{
    private const int ParseError = -32700, InvalidRequest = -32600, MethodNotFound = -32601, ServerError = -32000;

    public override PathString Prefix => McpRouting.Path;

    public override FormedProblem Write(Problem problem, HttpContext context)
    {
        var data = JsonSerializer.SerializeToElement(problem, ApiJsonContext.Answers.Problem);
        var error = new JsonRpcErrorContract(context.Features.Get<McpExchange>()?.Id, new(CodeOf(problem), problem.Detail, data));
        var body = JsonSerializer.SerializeToUtf8Bytes(error, McpJsonContext.Answers.JsonRpcErrorContract);
        return new(problem.Status, "application/json", body);
    }

    private static int CodeOf(Problem problem) => problem.Status switch
    {
        _ when problem.Code == "malformed_json" => ParseError,
        StatusCodes.Status400BadRequest => InvalidRequest,
        StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed => MethodNotFound,
        _ => ServerError,
    };
}
