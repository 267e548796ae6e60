using System.Collections.Concurrent;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;

namespace GenApi.Hosting.OpenApi;

/// <summary>
/// The schemas of the API document, made from the contracts. Every object and every set of words is a component with one name, which
/// everything else refers to: a client made from the document has one class for a row of a list, a single answer and a part of another.
/// (The framework's own schemas repeat an object wherever it stands, and generators number the copies.) Callers read only what
/// <see cref="DescriptionAttribute"/> says; XML comments are for us.
/// </summary>
internal sealed class ApiSchemas(OpenApiDocument document)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    // What a name stands for: two types with one name would silently become one.
    private static readonly ConcurrentDictionary<string, string> Meanings = new();

    private static readonly Dictionary<Type, (JsonSchemaType Type, string? Format)> Values = new()
    {
        [typeof(string)] = (JsonSchemaType.String, null),
        [typeof(bool)] = (JsonSchemaType.Boolean, null),
        [typeof(int)] = (JsonSchemaType.Integer, "int32"),
        [typeof(long)] = (JsonSchemaType.Integer, "int64"),
        [typeof(double)] = (JsonSchemaType.Number, "double"),
        [typeof(decimal)] = (JsonSchemaType.Number, "double"),
        [typeof(DateTime)] = (JsonSchemaType.String, "date-time"),
    };

    /// <summary>A contract, a list or a dictionary of them, or a plain value; null is not allowed.</summary>
    public IOpenApiSchema Of(Type type)
    {
        if (Values.TryGetValue(type, out var value))
            return new OpenApiSchema { Type = value.Type, Format = value.Format };
        if (type == typeof(JsonElement))
            return new OpenApiSchema();
        if (type == typeof(JsonObject))
            return AnyObject();
        var info = Json.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(info.ElementType!) },
            JsonTypeInfoKind.Dictionary => new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Of(info.ElementType!) },
            JsonTypeInfoKind.Object => Component(NameOf(type), type.ToString(), () => Contract(type, info)),
            _ => throw new NotSupportedException($"The API document has no schema for {type}."),
        };
    }

    public IOpenApiSchema Of(WordsAttribute words) => Component(words.Name, string.Join(' ', words.Words), () => new OpenApiSchema
    {
        Type = JsonSchemaType.String,
        Enum = [.. words.Words.Select(word => (JsonNode)word)],
    });

    private static string NameOf(Type type)
    {
        // CursorPage<KeyContract> is a KeyPage.
        var name = type.Name.Split('`')[0].Replace("Cursor", "", StringComparison.Ordinal);
        foreach (var ending in (string[])["Contract", "Answer"])
        {
            if (name.EndsWith(ending, StringComparison.Ordinal))
                name = name[..^ending.Length];
        }
        return type.IsGenericType ? NameOf(type.GenericTypeArguments[0]) + name : name;
    }

    private OpenApiSchemaReference Component(string name, string meaning, Func<OpenApiSchema> make)
    {
        if (Meanings.GetOrAdd(name, meaning) != meaning)
            throw new InvalidOperationException($"Two things of the API document are named {name}: {meaning} and {Meanings[name]}.");
        if (document.Components?.Schemas?.ContainsKey(name) != true)
            document.AddComponent(name, make());
        return new OpenApiSchemaReference(name, document);
    }

    /// <summary>A contract that extends another one is that one, and its own members.</summary>
    private OpenApiSchema Contract(Type type, JsonTypeInfo info)
    {
        var members = info.Properties.Where(member => member.Get is not null).ToList();
        var isExtended = type.BaseType != typeof(object);
        var schema = Members(isExtended ? members.Where(IsOwn) : members);
        if (isExtended)
            schema = new OpenApiSchema { AllOf = [Of(type.BaseType!), schema] };
        schema.Description = type.GetCustomAttribute<DescriptionAttribute>(inherit: false)?.Description;
        if (type.GetCustomAttribute<ExampleAttribute>(inherit: false) is { } example)
            schema.Examples = [JsonNode.Parse(example.Json)!];
        return schema;

        bool IsOwn(JsonPropertyInfo member) => (member.AttributeProvider as MemberInfo)?.DeclaringType == type;
    }

    private OpenApiSchema Members(IEnumerable<JsonPropertyInfo> members)
    {
        var (properties, required) = (new Dictionary<string, IOpenApiSchema>(), new HashSet<string>());
        foreach (var member in members)
        {
            var (type, isNullable) = TypeOf(member);
            properties[member.Name] = Member(member, type, isNullable);
            // What may be absent can be null, and neither C# nor a constructor demands it: such as members of requests.
            if (!isNullable || member.IsRequired || member.AssociatedParameter is { HasDefaultValue: false })
                required.Add(member.Name);
        }
        return new OpenApiSchema { Type = JsonSchemaType.Object, Properties = properties, Required = required };
    }

    private static (Type Type, bool IsNullable) TypeOf(JsonPropertyInfo member) =>
        Nullable.GetUnderlyingType(member.PropertyType) is { } inner
            ? (inner, true)
            : (member.PropertyType, !member.PropertyType.IsValueType && member.IsGetNullable);

    private IOpenApiSchema Member(JsonPropertyInfo member, Type type, bool isNullable)
    {
        var schema = Attribute<WordsAttribute>(member) is { } words
            ? type == typeof(string) ? Of(words) : new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(words) }
            // Free JSON that can't be null is always an object here.
            : type == typeof(JsonElement) && !isNullable ? AnyObject() : Of(type);
        if (schema is OpenApiSchema plain)
            Bound(plain, member);
        if (isNullable)
            schema = OrNull(schema);
        if (Attribute<DescriptionAttribute>(member) is not { Description: var text })
            return schema;
        if (schema is OpenApiSchemaReference reference)
            reference.Description = text;
        else
            schema.Description = text;
        return schema;
    }

    private static OpenApiSchema OrNull(IOpenApiSchema schema)
    {
        if (schema is not OpenApiSchema plain)
            return new OpenApiSchema { OneOf = [Null(), schema] };
        // Without a type null is allowed already, but generators take "anything" for "anything else".
        if (plain.Type is null)
            return new OpenApiSchema { OneOf = [Null(), new OpenApiSchema { Not = Null() }] };
        plain.Type |= JsonSchemaType.Null;
        return plain;
    }

    private static void Bound(OpenApiSchema schema, JsonPropertyInfo member)
    {
        var isList = schema.Type == JsonSchemaType.Array;
        var (shortest, longest) = (Attribute<MinLengthAttribute>(member)?.Length, Attribute<MaxLengthAttribute>(member)?.Length);
        (schema.MinLength, schema.MinItems) = isList ? ((int?)null, shortest) : (shortest, null);
        (schema.MaxLength, schema.MaxItems) = isList ? ((int?)null, longest) : (longest, null);
        if (Attribute<RangeAttribute>(member) is not { } range)
            return;
        schema.Minimum = Convert.ToString(range.Minimum, CultureInfo.InvariantCulture);
        // The bounds of a type say nothing to a caller.
        if (Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture) < int.MaxValue)
            schema.Maximum = Convert.ToString(range.Maximum, CultureInfo.InvariantCulture);
    }

    private static OpenApiSchema Null() => new() { Type = JsonSchemaType.Null };

    /// <summary>
    /// Makes an object with an explicit schema for its members. Without one, generators assume that the object has no members.
    /// </summary>
    private static OpenApiSchema AnyObject() => new() { Type = JsonSchemaType.Object, AdditionalProperties = new OpenApiSchema() };

    private static T? Attribute<T>(JsonPropertyInfo member) where T : Attribute =>
        member.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: false) is [T attribute] ? attribute : null;
}
