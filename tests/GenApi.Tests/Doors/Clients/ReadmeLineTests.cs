using System.Runtime.Loader;
using System.Text;
using GenApi.Tests.Doors.Clients.Replays;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using OpenAI.Images;

namespace GenApi.Tests.Doors.Clients;

/// <summary>Every line of the README's table makes a picture.</summary>
[Collection(NodeClients.Name)]
public sealed class ReadmeLineTests(ClientApp app)
{
    public static TheoryData<string> OnNode => [.. ReadmeLines.OnNode];

    public static TheoryData<string> InCSharp => [.. ReadmeLines.InCSharp];

    [Theory, MemberData(nameof(OnNode))]
    public async Task A_line_for_Node_makes_a_picture(string have)
    {
        var picture = await app.ValueAsync(ReadmeLines.CaseOf(have));

        Assert.StartsWith("image/", picture.GetProperty("type").GetString(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(InCSharp))]
    public async Task A_line_of_CSharp_makes_a_picture(string have)
    {
        var client = Make(ReadmeLines.Line(have, app));

        var made = await client.GenerateImageAsync("a line of the README", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("\x89PNG", Encoding.Latin1.GetString(made.Value.ImageBytes.ToArray()[..4]));
    }

    [Fact]
    public async Task The_script_that_everybody_starts_from_saves_its_picture()
    {
        var picture = await app.ValueAsync(ReadmeLines.Script.Name);

        Assert.Equal(("image/png", 768, 768), (
            picture.GetProperty("type").GetString(), picture.GetProperty("width").GetInt32(), picture.GetProperty("height").GetInt32()));
    }

    /// <summary>The other lines are the addresses that <see cref="ReplayTests"/> give to their programs.</summary>
    [Fact]
    public void Every_line_is_run()
    {
        var replayed = ReplayedPrograms.All.Select(each => each.Have).Distinct();

        Assert.Equal(ReadmeLines.All.Keys.Order(), ReadmeLines.OnNode.Concat(ReadmeLines.InCSharp).Concat(replayed).Order());
    }

    /// <summary>Compiles the line as a C# expression.</summary>
    private static ImageClient Make(string line)
    {
        var source = CSharpSyntaxTree.ParseText(
            $$"""
            using System;
            using System.ClientModel;
            using OpenAI.Images;
            public static class Program { public static ImageClient Make() => {{line}}; }
            """);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "Line", [source], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var bytes = new MemoryStream();
        Assert.Empty(compilation.Emit(bytes).Diagnostics.Where(each => each.Severity == DiagnosticSeverity.Error));
        bytes.Position = 0;
        // It must see the same types as this test, so it goes into the same context.
        var assembly = AssemblyLoadContext.Default.LoadFromStream(bytes);
        return (ImageClient)assembly.GetType("Program")!.GetMethod("Make")!.Invoke(null, null)!;
    }
}
