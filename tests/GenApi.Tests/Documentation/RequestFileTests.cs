using System.Net.Http.Headers;
using System.Text;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Documentation;

public sealed class RequestFileTests
{
    private const string File = "requests/genapi.http";

    [Fact]
    public async Task Every_request_of_the_file_gets_the_answer_that_stands_above_it()
    {
        // The speed of the sandbox of `dotnet run`, so that there is something to cancel.
        await using var app = await GenApiApp.StartAsync(sandbox: new SandboxOptions { Speed = 8 });
        var variables = RequestFile.Variables(File);
        Assert.Equal("http://localhost:8080", variables["host"]);
        variables["host"] = app.Address.ToString().TrimEnd('/');
        var answers = new Dictionary<string, Answer>();
        var surprises = new List<string>();
        foreach (var request in RequestFile.Read(File))
        {
            var answer = await SendAsync(app, request, text => RequestFile.Fill(text, variables, answers));
            if (request.Name is { } name)
                answers[name] = answer;
            if (request.Expected is null)
                surprises.Add(
                    $"### {request.Title}: needs a line '# Answer: {answer.Status} {answer.Header("Content-Type")}' above its request.");
            else if (Surprise(request.Expected, answer) is { } surprise)
                surprises.Add($"### {request.Title}: {surprise}\n{(answer.Status >= 400 ? answer.Text : "")}");
        }

        Assert.True(surprises.Count == 0, $"{File}\n{string.Join('\n', surprises)}");
    }

    /// <summary>Reads "200 application/json, Cache-Status: GenApi; hit": a status, a type if there is a body, headers.</summary>
    private static string? Surprise(string expected, Answer answer)
    {
        var parts = expected.Split(", ", 2);
        var found = $"{answer.Status} {answer.Header("Content-Type")}".TrimEnd();
        if (found != parts[0])
            return $"expected {parts[0]}, got {found}.";
        if (parts is [_, var header] && header.Split(": ", 2) is [var name, var value] && answer.Header(name) != value)
            return $"expected {header}, got {name}: {answer.Header(name)}.";
        return null;
    }

    private static async Task<Answer> SendAsync(GenApiApp app, FileRequest request, Func<string, string> fill)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), fill(request.Url));
        if (request.Body.Length > 0)
            message.Content = new ByteArrayContent(Body(request.Body, fill));
        foreach (var (name, value) in request.Headers)
        {
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && message.Content is { } content)
                content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                Assert.True(message.Headers.TryAddWithoutValidation(name, fill(value)), $"{name} of ### {request.Title}");
        }
        using var response = await app.Client.SendAsync(message, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    /// <summary>Reads a body: text, or <c>&lt; ./a file in the same folder</c>.</summary>
    private static byte[] Body(string text, Func<string, string> fill) => text.StartsWith("< ./", StringComparison.Ordinal)
        ? System.IO.File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(Repository.PathOf(File))!, text[4..]))
        : Encoding.UTF8.GetBytes(fill(text));
}
