using System.Diagnostics.CodeAnalysis;

namespace GenApi.Hosting;

/// <summary>Gives the example of a contract in the API document.</summary>
/// <param name="json">The example, with every member.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ExampleAttribute([StringSyntax(StringSyntaxAttribute.Json)] string json) : Attribute
{
    public string Json { get; } = json;
}
