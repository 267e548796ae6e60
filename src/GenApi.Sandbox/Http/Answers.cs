using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Http;

/// <summary>A complete body with its length, as JSON by default.</summary>
internal sealed record BodyAnswer(int Status, ReadOnlyMemory<byte> Body, string ContentType = "application/json") : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }
}

/// <summary>No answer at all: the connection is reset.</summary>
internal sealed record ResetAnswer : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Abort();
        return Task.CompletedTask;
    }
}

/// <summary>Answers in the shapes Replicate gives them.</summary>
internal static class Answers
{
    public const string ProblemType = "application/problem+json";

    private static readonly JsonWriterOptions Serializing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IResult Unauthenticated => Problem(401, "Unauthenticated", "You did not pass a valid authentication token");
    public static IResult NotFound => Problem(404, "Not found", "The requested resource could not be found.");
    public static IResult UnknownVersion => Problem(
        422, "Invalid version or not permitted", "The specified version does not exist (or perhaps you don't have permission to use it?)");
    public static IResult OutOfCredit => Problem(
        402,
        "Insufficient credit",
        "You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase credit. "
        + "Once you purchase credit, please wait a few minutes before trying again.");

    public static IResult Json(Action<Utf8JsonWriter> write, int status = 200) => new BodyAnswer(status, Bytes(write));

    public static IResult Problem(
        int status, string? title, string detail, IReadOnlyList<InvalidField>? fields = null, long? retryAfter = null)
    {
        var body = Bytes(json =>
        {
            json.WriteStartObject();
            if (title is not null)
                json.WriteString("title", title);
            json.WriteString("detail", detail);
            json.WriteNumber("status", status);
            if (retryAfter is { } seconds)
                json.WriteNumber("retry_after", seconds);
            if (fields is not null)
                WriteFields(json, fields);
            json.WriteEndObject();
        });
        return new BodyAnswer(status, (byte[])[.. body, (byte)'\n'], ProblemType);
    }

    public static IResult InvalidInput(IReadOnlyList<InvalidField> fields)
    {
        var detail = new StringBuilder();
        foreach (var field in fields)
            detail.Append("- ").Append(field.Field).Append(field.Field.Length > 0 ? ": " : "").Append(field.Description).Append('\n');
        return Problem(422, "Input validation failed", detail.ToString(), fields);
    }

    public static IResult Throttled(TimeSpan wait, ThrottleForm form) => new ThrottledAnswer(wait, form);

    public static IResult Html(int status) => new BodyAnswer(
        status,
        Encoding.UTF8.GetBytes(
            $"<html>\r\n<head><title>{status}</title></head>\r\n<body><h1>{status} Bad Gateway</h1><hr>cloudflare</body>\r\n</html>\r\n"),
        "text/html");

    /// <summary>Sends the first half of a body, with the length of that half.</summary>
    public static IResult Broken(int status, byte[] body) => new BodyAnswer(status, body.AsMemory(0, body.Length / 2));

    private static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Serializing))
            write(json);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<InvalidField> fields)
    {
        json.WriteStartArray("invalid_fields");
        foreach (var field in fields)
        {
            json.WriteStartObject();
            json.WriteString("type", field.Type);
            json.WriteString("field", field.Field);
            json.WriteString("description", field.Description);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private sealed record ThrottledAnswer(TimeSpan Wait, ThrottleForm Form) : IResult
    {
        private const string LowOnCredit =
            "Your rate limit for creating predictions is reduced to 6 requests per minute with a burst of 1 requests while you have "
                + "less than $5.0 in credit. ";

        public Task ExecuteAsync(HttpContext httpContext)
        {
            var seconds = (long)Math.Ceiling(Wait.TotalSeconds);
            if (Form == ThrottleForm.Header)
                httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            var reduced = Form == ThrottleForm.LowCredit ? LowOnCredit : "";
            var detail = Form is ThrottleForm.Body or ThrottleForm.Text or ThrottleForm.LowCredit
                ? string.Create(CultureInfo.InvariantCulture, $"Request was throttled. {reduced}Your rate limit resets in ~{seconds}s.")
                : "Request was throttled.";
            var problem = Problem(429, null, detail, retryAfter: Form is ThrottleForm.Body or ThrottleForm.LowCredit ? seconds : null);
            return problem.ExecuteAsync(httpContext);
        }
    }
}
