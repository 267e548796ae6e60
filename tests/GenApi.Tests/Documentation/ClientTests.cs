using System.Runtime.Loader;
using System.Text.RegularExpressions;
using GenApi.Tests.Accounts;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag.CodeGeneration.CSharp;

namespace GenApi.Tests.Documentation;

/// <summary>Clients that public generators make from the API document compile, are readable and work.</summary>
public sealed partial class ClientTests : IDisposable
{
    private const string WordsInLists = "System.Text.Json.Serialization.JsonStringEnumConverter";

    private static readonly string[] Compiler =
    [
        "--strict", "--noEmit", "--noUnusedLocals", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler",
    ];

    private static readonly string[] Lint =
        ["lint", "--ruleset", "ruleset.yaml", "--fail-severity", "hint", "--format", "json", "--quiet", "openapi.json"];

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-client-").FullName;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [GeneratedRegex("[0-9]$")]
    private static partial Regex Number { get; }

    /// <summary>The program uses the generated client as a user would, and throws if anything is wrong.</summary>
    [Theory, InlineData(CSharpJsonLibrary.NewtonsoftJson), InlineData(CSharpJsonLibrary.SystemTextJson)]
    public async Task NSwags_client_makes_and_fetches_a_picture(CSharpJsonLibrary library)
    {
        await using var app = await Keys.StartAsync(new() { ["Webhooks:AllowedPrivateHosts:0"] = "127.0.0.1:1" });
        var code = await GenerateAsync((await app.GetAsync("/openapi/v1.json")).Text, library);
        var program = await File.ReadAllTextAsync(Repository.PathOf("tests/GenApi.Tests/Documentation/Clients/nswag.cs"), Ended);
        using var bytes = new MemoryStream();

        var compiled = Compile(code, program).Emit(bytes, cancellationToken: Ended);

        Assert.Empty(compiled.Diagnostics.Where(each => each.Severity == DiagnosticSeverity.Error));
        bytes.Position = 0;
        var context = new AssemblyLoadContext("generated", isCollectible: true);
        try
        {
            var assembly = context.LoadFromStream(bytes);
            var names = assembly.GetExportedTypes().Select(type => type.Name.Split('`')[0]).ToList();
            Assert.Contains("Generation", names);
            Assert.DoesNotContain(names, Number.IsMatch);
            app.Client.DefaultRequestHeaders.Authorization = new("Bearer", Keys.Admin);
            var run = assembly.GetType("Program")!.GetMethod("RunAsync")!.CreateDelegate<Func<HttpClient, Task<string>>>();
            app.Secrets.Add(await run(app.Client));
        }
        finally
        {
            context.Unload();
        }
    }

    [Fact]
    public async Task The_types_of_openapi_typescript_compile_and_can_be_filled()
    {
        await using var app = await GenApiApp.StartAsync();
        await WriteAsync("openapi.json", (await app.GetAsync("/openapi/v1.json")).Text);
        File.Copy(Repository.PathOf("tests/GenApi.Tests/Documentation/Clients/types.ts"), Path.Combine(_folder, "program.ts"));

        await NodeTools.RunAsync("openapi-typescript/bin/cli.js", ["openapi.json", "-o", "genapi.ts"], _folder);

        // An error is an exit code and fails the test with the compiler's message.
        await NodeTools.RunAsync("typescript/lib/tsc.js", [.. Compiler, "genapi.ts", "program.ts"], _folder);
    }

    [Fact]
    public async Task Spectral_finds_neither_errors_nor_warnings()
    {
        await using var app = await GenApiApp.StartAsync();
        await WriteAsync("openapi.json", (await app.GetAsync("/openapi/v1.json")).Text);
        await WriteAsync("ruleset.yaml", "extends: [\"spectral:oas\"]\n");

        var said = await NodeTools.RunAsync("@stoplight/spectral-cli/dist/index.js", Lint, _folder);

        Assert.Equal("[]", said.Trim());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> GenerateAsync(string document, CSharpJsonLibrary library)
    {
        var settings = new CSharpClientGeneratorSettings { ClassName = "GenApiClient" };
        settings.CSharpGeneratorSettings.Namespace = "Generated";
        settings.CSharpGeneratorSettings.JsonLibrary = library;
        if (library == CSharpJsonLibrary.SystemTextJson)
            (settings.CSharpGeneratorSettings.JsonLibraryVersion, settings.CSharpGeneratorSettings.JsonConverters) = (10, [WordsInLists]);
        var read = await NSwag.OpenApiDocument.FromJsonAsync(document, Ended);
        return new CSharpClientGenerator(read, settings).GenerateFile();
    }

    private static CSharpCompilation Compile(params string[] sources)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("GenApi", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary);
        return CSharpCompilation.Create("Generated", sources.Select(source => CSharpSyntaxTree.ParseText(source)), references, options);
    }

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(_folder, name), text, Ended);
}
