using System.Diagnostics.CodeAnalysis;

namespace GenApi.Hosting;

/// <summary>What the API document shows for a contract.</summary>
/// <param name="json">With every member that there is.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ExampleAttribute([StringSyntax(StringSyntaxAttribute.Json)] string json) : Attribute
{
    public string Json { get; } = json;
}
