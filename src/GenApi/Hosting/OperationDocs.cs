using System.Globalization;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using Microsoft.OpenApi;

namespace GenApi.Hosting;

/// <summary>
/// What an operation's document says beyond its route, said beside the route. Handlers here take the request itself and read it more strictly than
/// binding would, so parameters, bodies and answers are described rather than inferred.
/// </summary>
internal sealed class OperationDocs(RouteHandlerBuilder route)
{
    public OperationDocs Is(string name, string tag, string summary, string description)
    {
        route.WithName(name).WithTags(tag).WithSummary(summary).WithDescription(description);
        return this;
    }

    public OperationDocs Query(string name, JsonSchemaType type, string description, JsonNode? example = null, params string[] allowed) =>
        Parameter(name, ParameterLocation.Query, type, description, example, allowed);

    public OperationDocs Header(string name, string description, JsonNode? example = null) =>
        Parameter(name, ParameterLocation.Header, JsonSchemaType.String, description, example, []);

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
                    Schema = schemas(typeof(T)),
                    Examples = examples.ToDictionary(each => each.Name, IOpenApiExample (each) => new OpenApiExample { Summary = each.Summary, Value = JsonNode.Parse(each.Json) }),
                },
            },
        };
    }, typeof(T));

    /// <summary>A body that is a file, or a form with one file.</summary>
    public OperationDocs FileBody(string description) => Change((operation, _) =>
    {
        OpenApiSchema file = new() { Type = JsonSchemaType.String, Format = "binary" };
        OpenApiSchema form = new() { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema> { ["file"] = file }, Required = new HashSet<string> { "file" } };
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
        Change((operation, schemas) => Add(operation, status, description, new OpenApiMediaType { Schema = schemas(typeof(T)) }, "application/json", headers), typeof(T));

    public OperationDocs Answer(int status, string description, string? contentType = null, params (string Name, string Description)[] headers) =>
        Change((operation, _) => Add(operation, status, description,
            contentType is null ? null : new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } }, contentType, headers));

    /// <summary>The problems it can answer with, gathered by status; every operation can fail with 500 and 503 besides.</summary>
    public OperationDocs Problems(params ErrorKind[] kinds) => Change((operation, schemas) =>
    {
        var rows = kinds.Append(ErrorKind.StorageUnavailable).Distinct().GroupBy(ProblemTable.StatusOf).OrderBy(group => group.Key);
        foreach (var row in rows)
        {
            var codes = string.Join(", ", row.Select(kind => $"`{ErrorCodes.Of(kind)}`"));
            var retries = row.Key is 503 or 429 ? [("Retry-After", "Seconds, where a time is known.")] : Array.Empty<(string, string)>();
            Add(operation, row.Key, $"Problem: {codes}", new OpenApiMediaType { Schema = schemas(typeof(Problem)) }, Problem.ContentType, retries);
        }
        if (operation.Responses?.ContainsKey("500") != true)
            Add(operation, 500, "Problem: `internal_error`", new OpenApiMediaType { Schema = schemas(typeof(Problem)) }, Problem.ContentType, []);
    }, typeof(Problem));

    /// <summary>Problems that have no kind: a status that HTTP itself prescribes.</summary>
    public OperationDocs BareProblems(params int[] statuses) => Change((operation, schemas) =>
    {
        foreach (var status in statuses)
            Add(operation, status, $"Problem: `{ProblemTable.Bare(status).Code}`", new OpenApiMediaType { Schema = schemas(typeof(Problem)) }, Problem.ContentType, []);
    }, typeof(Problem));

    private OperationDocs Parameter(string name, ParameterLocation place, JsonSchemaType type, string description, JsonNode? example, string[] allowed) =>
        Change((operation, _) => (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = name,
            In = place,
            Description = description,
            Example = example?.DeepClone(),
            Schema = new OpenApiSchema { Type = type, Enum = allowed.Length > 0 ? [.. allowed.Select(each => (JsonNode)each)] : null },
        }));

    private static void Add(OpenApiOperation operation, int status, string description, OpenApiMediaType? body, string? contentType, (string Name, string Description)[] headers)
    {
        operation.Responses ??= [];
        operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
        {
            Description = description,
            Content = body is null ? null : new Dictionary<string, OpenApiMediaType> { [contentType!] = body },
            Headers = headers.Length == 0 ? null : headers.ToDictionary(each => each.Name, IOpenApiHeader (each) => new OpenApiHeader
            {
                Description = each.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            }),
        };
    }

    /// <summary>Types that are named in <paramref name="types"/> stand among the components, once, and are referred to.</summary>
    private OperationDocs Change(Action<OpenApiOperation, Func<Type, IOpenApiSchema>> change, params Type[] types)
    {
        route.AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
        {
            var schemas = new Dictionary<Type, IOpenApiSchema>();
            foreach (var type in types)
            {
                var name = ComponentName(type);
                context.Document!.AddComponent(name, await context.GetOrCreateSchemaAsync(type, null, cancellationToken));
                schemas[type] = new OpenApiSchemaReference(name, context.Document);
            }
            // What is inferred from a handler that writes its answer by itself: an empty 200.
            if (operation.Responses is { Count: 1 } inferred && inferred.TryGetValue("200", out var only) && only.Content is not { Count: > 0 } && only.Description == "OK")
                inferred.Clear();
            change(operation, type => schemas[type]);
        });
        return this;
    }

    private static string ComponentName(Type type)
    {
        var name = type.Name.Split('`')[0].Replace("Contract", "", StringComparison.Ordinal);
        return type.IsGenericType ? ComponentName(type.GenericTypeArguments[0]) + name.Replace("Cursor", "", StringComparison.Ordinal) : name;
    }
}
