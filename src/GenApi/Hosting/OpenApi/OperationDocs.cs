using System.Globalization;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Hosting.Problems;
using Microsoft.OpenApi;

namespace GenApi.Hosting.OpenApi;

/// <summary>
/// Adds to the API document what an operation's route does not say. The words stand next to the route. Handlers here take the request
/// itself and read it more strictly than binding would, so parameters, bodies and answers are described rather than inferred.
/// </summary>
internal sealed class OperationDocs(RouteHandlerBuilder route)
{
    public OperationDocs Is(string name, string tag, string summary, string description)
    {
        route.WithName(name).WithTags(tag).WithSummary(summary).WithDescription(description);
        return this;
    }

    public OperationDocs Query(params IEnumerable<QueryParameter> parameters)
    {
        foreach (var each in parameters)
        {
            Parameter(
                each.Name, ParameterLocation.Query,
                schemas => each.Words is { } words ? schemas.Of(words) : new OpenApiSchema { Type = each.Type, Format = each.Format },
                each.Description, each.Example);
        }
        return this;
    }

    public OperationDocs Header(string name, string description, JsonNode? example = null) =>
        Parameter(name, ParameterLocation.Header, _ => new OpenApiSchema { Type = JsonSchemaType.String }, description, example);

    public OperationDocs Path(string name, string description) => Change((operation, _) =>
    {
        if (operation.Parameters?.FirstOrDefault(each => each.Name == name) is OpenApiParameter parameter)
            parameter.Description = description;
    });

    public OperationDocs Body<T>(params (string Name, string Summary, string Json)[] examples) => Change((operation, schemas) =>
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema = schemas.Of(typeof(T)),
                    Examples = examples.ToDictionary(
                        each => each.Name,
                        IOpenApiExample (each) => new OpenApiExample { Summary = each.Summary, Value = JsonNode.Parse(each.Json) }),
                },
            },
        };
    });

    /// <summary>A body that is a file, or a form with one file.</summary>
    public OperationDocs FileBody(string description) => Change((operation, _) =>
    {
        OpenApiSchema file = Binary();
        OpenApiSchema form = new()
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema> { ["file"] = file },
            Required = new HashSet<string> { "file" },
        };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["multipart/form-data"] = new() { Schema = form },
                ["image/*"] = new() { Schema = file },
                ["application/octet-stream"] = new() { Schema = file },
            },
        };
    });

    public OperationDocs Answer<T>(int status, string description, params (string Name, string Description)[] headers) =>
        Answer<T>(status, description, "application/json", headers);

    public OperationDocs Answer<T>(
        int status, string description, string contentType, params (string Name, string Description)[] headers) =>
        Change((operation, schemas) => Add(operation, status, description, schemas.Of(typeof(T)), contentType, headers));

    /// <summary>An answer without a body.</summary>
    public OperationDocs Answer(int status, string description, params (string Name, string Description)[] headers) =>
        Change((operation, _) => Add(operation, status, description, null, "", headers));

    /// <summary>An answer in words.</summary>
    public OperationDocs Text(int status, string description, string contentType) =>
        Change((operation, _) => Add(operation, status, description, new OpenApiSchema { Type = JsonSchemaType.String }, contentType, []));

    /// <summary>An answer that is described above is given in other words too, to callers that accept those.</summary>
    public OperationDocs Also(int status, string contentType) => Text(status, "", contentType);

    /// <summary>
    /// An answer to be read as a stream. OpenAPI 3.1 would have no schema at all; generators understand the form of 3.0, which both allow.
    /// </summary>
    public OperationDocs Bytes(int status, string description, string contentType, params (string Name, string Description)[] headers) =>
        Change((operation, _) => Add(operation, status, description, Binary(), contentType, headers));

    /// <summary>The problems it can answer with, gathered by status; every operation can fail with 500 and 503 besides.</summary>
    public OperationDocs Problems(params ErrorKind[] kinds) => Change((operation, _, document) =>
    {
        var responses = operation.Responses ??= [];
        foreach (var row in kinds.Append(ErrorKind.StorageUnavailable).Distinct().GroupBy(ProblemTable.StatusOf))
        {
            (string, string)[] retries = row.Key == 503 ? [("Retry-After", "Seconds to wait, if a time is known.")] : [];
            // Whatever else an operation answers 500 with, it can fail in a way that nobody expected.
            var codes = row.Select(ErrorCodes.Of).Concat(row.Key == 500 ? [ProblemTable.Bare(500).Code] : []).ToList();
            var description = $"Problem: {string.Join(", ", codes.Select(code => $"`{code}`"))}";
            OpenApiResponse Make() => ApiProblems.Of(document, row.Key, row.First(), description, retries);
            responses[Key(row.Key)] = codes.Count == 1 ? ApiProblems.Shared(document, row.Single().ToString(), Make) : Make();
        }
        if (!responses.ContainsKey(Key(500)))
            responses[Key(500)] = Bare(document, 500);
    });

    /// <summary>Problems that have no kind: a status that HTTP itself prescribes.</summary>
    public OperationDocs BareProblems(params int[] statuses) => Change((operation, _, document) =>
    {
        foreach (var status in statuses)
            (operation.Responses ??= [])[Key(status)] = Bare(document, status);
    });

    private static IOpenApiResponse Bare(OpenApiDocument document, int status)
    {
        var code = ProblemTable.Bare(status).Code;
        var name = string.Concat(code.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return ApiProblems.Shared(document, name, () => ApiProblems.Of(document, status, null, $"Problem: `{code}`"));
    }

    private static OpenApiSchema Binary() => new() { Type = JsonSchemaType.String, Format = "binary" };

    private static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);

    private OperationDocs Parameter(
        string name, ParameterLocation place, Func<ApiSchemas, IOpenApiSchema> schema, string description, JsonNode? example) =>
        Change((operation, schemas) => (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = name,
            In = place,
            Description = description,
            Example = example?.DeepClone(),
            Schema = schema(schemas),
        }));

    private static void Add(
        OpenApiOperation operation, int status, string description, IOpenApiSchema? schema, string contentType,
        (string Name, string Description)[] headers)
    {
        var responses = operation.Responses ??= [];
        if (!responses.TryGetValue(Key(status), out var response))
            responses[Key(status)] = response = new OpenApiResponse { Description = description, Headers = ApiProblems.Headers(headers) };
        if (schema is null)
            return;
        var content = ((OpenApiResponse)response).Content ??= new Dictionary<string, OpenApiMediaType>();
        content[contentType] = new OpenApiMediaType { Schema = schema };
    }

    private OperationDocs Change(Action<OpenApiOperation, ApiSchemas> change) =>
        Change((operation, schemas, _) => change(operation, schemas));

    private OperationDocs Change(Action<OpenApiOperation, ApiSchemas, OpenApiDocument> change)
    {
        route.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            // What is inferred from a handler that writes its answer by itself: an empty 200.
            if (operation.Responses is { Count: 1 } inferred
                && inferred.TryGetValue("200", out var only) && only.Content is not { Count: > 0 } && only.Description == "OK")
                inferred.Clear();
            change(operation, new ApiSchemas(context.Document!), context.Document!);
            return Task.CompletedTask;
        });
        return this;
    }
}
