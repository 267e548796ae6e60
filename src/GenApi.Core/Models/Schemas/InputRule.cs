using System.Text.Json;

namespace GenApi.Core.Models.Schemas;

/// <summary>The JSON types that a value may have; <see cref="Any"/> if the schema does not say.</summary>
[Flags]
internal enum InputTypes
{
    Any = 0,
    String = 1,
    Integer = 2,
    Number = 4,
    Boolean = 8,
    Array = 16,
    Object = 32,
}

/// <summary>The rule of a model's schema for one value, with its <c>allOf</c> and <c>$ref</c> already resolved.</summary>
internal sealed record InputRule
{
    public static InputRule Anything { get; } = new();

    public InputTypes Types { get; init; }

    public bool Nullable { get; init; }

    /// <summary><c>uri</c> marks a file; other formats (<c>password</c>) are not checked.</summary>
    public string? Format { get; init; }

    /// <summary>Empty: no list of allowed values.</summary>
    public IReadOnlyList<JsonElement> Allowed { get; init; } = [];

    public decimal? Minimum { get; init; }

    public decimal? Maximum { get; init; }

    /// <summary>True if <see cref="Minimum"/> itself is not allowed.</summary>
    public bool ExclusiveMinimum { get; init; }

    /// <summary>True if <see cref="Maximum"/> itself is not allowed.</summary>
    public bool ExclusiveMaximum { get; init; }

    /// <summary>In code points.</summary>
    public int? MinLength { get; init; }

    /// <summary>In code points.</summary>
    public int? MaxLength { get; init; }

    public int? MinItems { get; init; }

    public int? MaxItems { get; init; }

    /// <summary>The rule for each member of an array; null: anything.</summary>
    public InputRule? Items { get; init; }

    /// <summary>The choices of which one must also hold; empty: none.</summary>
    public IReadOnlyList<InputRule> AnyOf { get; init; } = [];

    /// <summary>True if the value is a file: a URL, a data URI, or the id of a stored file.</summary>
    public bool IsFile => Format == "uri" && Types == InputTypes.String;

    /// <summary>True if a file is allowed: by itself, in a list, or as one of several choices.</summary>
    public bool TakesFiles => IsFile || Items is { IsFile: true } || AnyOf.Any(choice => choice.TakesFiles);

    public bool IsArray => Types == InputTypes.Array;

    /// <summary>Combines two rules. Two lists of allowed values do not occur in practice; the other rule's list wins.</summary>
    public InputRule And(InputRule other) => new()
    {
        Types = Types == InputTypes.Any ? other.Types : other.Types == InputTypes.Any ? Types : Types & other.Types,
        Nullable = Nullable || other.Nullable,
        Format = other.Format ?? Format,
        Allowed = other.Allowed.Count > 0 ? other.Allowed : Allowed,
        Minimum = other.Minimum ?? Minimum,
        Maximum = other.Maximum ?? Maximum,
        ExclusiveMinimum = other.Minimum is null ? ExclusiveMinimum : other.ExclusiveMinimum,
        ExclusiveMaximum = other.Maximum is null ? ExclusiveMaximum : other.ExclusiveMaximum,
        MinLength = other.MinLength ?? MinLength,
        MaxLength = other.MaxLength ?? MaxLength,
        MinItems = other.MinItems ?? MinItems,
        MaxItems = other.MaxItems ?? MaxItems,
        Items = other.Items ?? Items,
        AnyOf = other.AnyOf.Count > 0 ? other.AnyOf : AnyOf,
    };
}

/// <summary>
/// One input of a model. <see cref="Default"/> is the value that the model uses if the input is absent; null if the schema has none.
/// Without a <see cref="Required"/> input a run is refused.
/// </summary>
internal sealed record InputProperty(string Name, InputRule Rule, JsonElement? Default, bool Required, string? Description);
