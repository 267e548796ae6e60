#!/usr/bin/env bash
# NSwag.CodeGeneration.CSharp 14.8.0 (NuGet) on .NET 10: what becomes of a member that may hold any JSON value, null included (OpenAPI 3.1).
#
# Good guess: {} allows everything, so the member is an object that may be null; "anyOf null or {}" and a list of all six types say the same.
# Seen: of {} the generated client says that null is refused (Required.Always). "anyOf null or {}" makes a class of its own, named after the member, which
# refuses null too. A list of all six types becomes double?. Only "oneOf null or not null" becomes an object that may be null.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > any.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup>
  <ItemGroup><PackageReference Include="NSwag.CodeGeneration.CSharp" Version="[14.8.0]" /></ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using System.Text.RegularExpressions;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

foreach (var (name, schema) in new[]
{
    ("{}", "{}"),
    ("anyOf null or {}", """{ "anyOf": [{ "type": "null" }, {}] }"""),
    ("all six types", """{ "type": ["null", "boolean", "number", "string", "array", "object"], "additionalProperties": {} }"""),
    ("oneOf null or not null", """{ "oneOf": [{ "type": "null" }, { "not": { "type": "null" } }] }"""),
})
{
    var document = await OpenApiDocument.FromJsonAsync($$$"""
        { "openapi": "3.1.1", "info": { "title": "a", "version": "1" }, "paths": { "/a": { "get": { "operationId": "GetA", "responses": { "200": {
            "description": "a", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } } } } } } },
          "components": { "schemas": { "A": { "type": "object", "required": ["output"], "properties": { "output": {{{schema}}} } } } } }
        """);
    var settings = new CSharpClientGeneratorSettings { ClassName = "Client" };
    settings.CSharpGeneratorSettings.JsonLibrary = CSharpJsonLibrary.NewtonsoftJson;
    var code = new CSharpClientGenerator(document, settings).GenerateFile();
    var type = Regex.Match(code, @"public (\S+) Output \{ get").Groups[1].Value;
    var required = Regex.Match(code, @"""output"", Required = Newtonsoft\.Json\.Required\.(\w+)").Groups[1].Value;
    Console.WriteLine($"{name}: {type}, Required.{required}");
}
CS
dotnet run --nologo -v quiet 2>&1 | tee seen
diff seen - <<'TXT'
{}: object, Required.Always
anyOf null or {}: Output, Required.Always
all six types: double?, Required.AllowNull
oneOf null or not null: object, Required.AllowNull
TXT
