using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Hosting.OpenApi;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace GenApi.Accounts;

/// <summary>
/// Adds keys to the API document: how to send one (Swagger UI's Authorize button), and for every route the right that it needs and the
/// answers without it.
/// </summary>
internal static class AccountsDocument
{
    private const string Bearer = "bearer", Header = "api_key";

    public static Task TransformAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] =
                new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key: `genapi_…`." },
            [Header] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "X-Api-Key",
                Description = "The same key in a separate header.",
            },
        };
        foreach (var route in context.DescriptionGroups.SelectMany(group => group.Items))
        {
            if (route.ActionDescriptor.EndpointMetadata.OfType<NeededRight>().LastOrDefault() is { } needed
                && Operation(document, route) is { } operation)
                Describe(operation, needed, document);
        }
        return Task.CompletedTask;
    }

    private static OpenApiOperation? Operation(OpenApiDocument document, ApiDescription route) =>
        document.Paths.TryGetValue("/" + route.RelativePath?.TrimEnd('/'), out var path)
            && path.Operations?.TryGetValue(HttpMethod.Parse(route.HttpMethod), out var operation) == true
            ? operation
            : null;

    private static void Describe(OpenApiOperation operation, NeededRight needed, OpenApiDocument document)
    {
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Header, document)] = [] },
        ];
        var responses = operation.Responses ??= [];
        responses["401"] = ApiProblems.Shared(document, "Unauthenticated", () => ApiProblems.Of(document, 401, ErrorKind.Unauthenticated,
            $"Problem: `{ErrorCodes.Of(ErrorKind.Unauthenticated)}`: the API key is missing, unknown, revoked or expired",
            ("WWW-Authenticate", "`Bearer`.")));
        var orLink = needed.Link is null ? "" : "; or the link has expired or was altered";
        responses["403"] = ApiProblems.Of(document, 403, ErrorKind.Forbidden,
            $"Problem: `{ErrorCodes.Of(ErrorKind.Forbidden)}`: the API key does not have the right `{needed.Right.Words()[0]}`{orLink}");
        responses["429"] = ApiProblems.Shared(document, "RateLimited", () => ApiProblems.Of(document, 429, ErrorKind.RateLimited,
            $"Problem: `{ErrorCodes.Of(ErrorKind.RateLimited)}`: the caller exceeds its rate limit",
            ("Retry-After", "Seconds until the next request is allowed."),
            ("RateLimit", "What is left of each limit."), ("RateLimit-Policy", "The limits.")));
    }
}
