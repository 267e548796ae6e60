using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Primitives;
using Microsoft.OpenApi;

namespace GenApi.Hosting.OpenApi;

/// <summary>
/// The OpenAPI 3.1 document at <c>/openapi/v1.json</c> and Swagger UI over it at <c>/swagger</c>. docs/openapi.json is a copy that a test
/// compares.
/// </summary>
internal static class OpenApiSetup
{
    public const string DocumentPath = $"/openapi/{OpenApiBytes.DocumentName}.json";

    // The type of a problem stands on the line that opens its example (see the script).
    private const string Style = "tr.response:is([data-code^='4'],[data-code^='5']) .response-controls{display:none}";

    private static readonly string Script = Read();

    /// <summary>
    /// The policy on what the page may load: its own files, the one script in it (by its hash), and images that scripts have made. Elements
    /// may have inline styles, as the page's library writes them so.
    /// </summary>
    public static readonly StringValues PagePolicy =
        "default-src 'none'; connect-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        + $"script-src 'self' 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)))}'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'";

    public static IServiceCollection AddApiDocument(this IServiceCollection services)
    {
        return services.AddOpenApi(OpenApiBytes.DocumentName, options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "GenApi",
                    Version = ProgramVersion.Text,
                    Description =
                        "POST a prompt, get a picture that stays. Every failure is an RFC 9457 problem document with a stable `code`.",
                    Contact = new OpenApiContact { Name = "The GenApi authors" },
                    License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
                };
                // A relative address is right wherever the document is served. Otherwise it would be the address that one caller used.
                document.Servers = [new OpenApiServer { Url = "/" }];
                return Task.CompletedTask;
            });
        }).PostConfigure<OpenApiOptions>(OpenApiBytes.DocumentName, options => options.AddDocumentTransformer(ApiDocument.ArrangeAsync));
    }

    public static void MapApiDocument(this WebApplication app)
    {
        app.MapGet(DocumentPath, new OpenApiBytes(app.Services).WriteAsync).AllowAnonymous().ExcludeFromDescription();
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
        // Every definition stands in an operation that uses it; listed once more below, they are half of the page.
        ui.DefaultModelsExpandDepth(-1);
        ui.HeadContent = $"<style>{Style}</style><script>{Script}</script>";
        ui.EnablePersistAuthorization();
    }).Build();

    private static string Read()
    {
        using var script = new StreamReader(typeof(OpenApiSetup).Assembly.GetManifestResourceStream("SwaggerPlugin.js")!);
        return script.ReadToEnd();
    }
}
