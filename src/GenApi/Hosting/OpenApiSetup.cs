using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.OpenApi;

namespace GenApi.Hosting;

/// <summary>The OpenAPI 3.1 document at <c>/openapi/v1.json</c> and Swagger UI over it at <c>/swagger</c>. docs/openapi.json is a copy that a test compares.</summary>
internal static class OpenApiSetup
{
    public const string DocumentName = "v1";
    public const string DocumentPath = $"/openapi/{DocumentName}.json";

    private static readonly string Script = Read();

    /// <summary>
    /// What the page may load: its own files, the one script that stands in it (by its hash), and images that scripts have made. Styles may stand in elements, as the
    /// page's library writes them so.
    /// </summary>
    public static readonly StringValues PagePolicy = "default-src 'none'; connect-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        + $"script-src 'self' 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static IServiceCollection AddApiDocument(this IServiceCollection services)
    {
        // Only the document's schemas come from these options; answers are written by the features' own contexts.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default);
        });
        return services.AddOpenApi(DocumentName, options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "GenApi",
                    Version = "1",
                    Description = "POST a prompt, get a picture that stays. Every failure is an RFC 9457 problem document with a stable `code`.",
                    License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
                };
                // Wherever it is served from: otherwise the document would hold the address of whoever asked.
                document.Servers = [new OpenApiServer { Url = "/" }];
                return Task.CompletedTask;
            });
            options.AddSchemaTransformer((schema, context, _) =>
            {
                Correct(schema, context.JsonPropertyInfo);
                return Task.CompletedTask;
            });
        });
    }

    public static void MapApiDocument(this WebApplication app)
    {
        app.MapGet(DocumentPath, new OpenApiBytes(app.Services).WriteAsync).AllowAnonymous().ExcludeFromDescription();
        // Who types the address into a browser wants to see what there is.
        app.MapGet("/", static context =>
        {
            context.Response.Redirect($"{context.Request.PathBase}/swagger/index.html");
            return Task.CompletedTask;
        }).AllowAnonymous().ExcludeFromDescription();
        // Made when somebody first looks: a start need not unpack the page's files, and no other request is held against their names.
        var page = new Lazy<RequestDelegate>(() => BuildPage(((IApplicationBuilder)app).New()));
        app.MapGet("/swagger/{**file}", context =>
        {
            context.SetEndpoint(null);
            return page.Value(context);
        }).AllowAnonymous().ExcludeFromDescription();
    }

    private static RequestDelegate BuildPage(IApplicationBuilder page) => page.UseSwaggerUI(ui =>
    {
        ui.DocumentTitle = "GenApi";
        // From the page's own address, so that it is found behind a path too.
        ui.SwaggerEndpoint($"..{DocumentPath}", "GenApi");
        ui.EnableTryItOutByDefault();
        ui.DisplayRequestDuration();
        ui.HeadContent = $"<script>{Script}</script>";
        ui.EnablePersistAuthorization();
    }).Build();

    private static string Read()
    {
        using var script = new StreamReader(typeof(OpenApiSetup).Assembly.GetManifestResourceStream("SwaggerPictures.js")!);
        return script.ReadToEnd();
    }

    /// <summary>What the generator leaves out: objects that may be null, free JSON (here always an object), and the words that a string may be.</summary>
    private static void Correct(OpenApiSchema schema, JsonPropertyInfo? property)
    {
        // The bounds of a type (2^31-1, and 2^63-1 rounded) say nothing to a caller.
        if (schema.Maximum is { Length: >= 10 })
            schema.Maximum = null;
        if (property is null)
            return;
        if (property.PropertyType == typeof(JsonElement) || property.PropertyType == typeof(JsonObject))
        {
            schema.Type = JsonSchemaType.Object;
            schema.Description ??= property.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false) is [DescriptionAttribute words] ? words.Description : null;
        }
        if (property.IsGetNullable && schema.Type is { } type)
            schema.Type = type | JsonSchemaType.Null;
        if (property.AttributeProvider?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false) is [AllowedValuesAttribute allowed])
            schema.Enum = [.. allowed.Values.Select(word => (JsonNode)word!.ToString()!)];
    }
}
