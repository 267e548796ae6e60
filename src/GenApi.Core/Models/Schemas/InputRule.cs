using System.Text.Json;

namespace GenApi.Core.Models.Schemas;

/// <summary>The JSON types a value may have; <see cref="Any"/> where the schema says nothing.</summary>
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

/// <summary>What a model's schema demands of one value, with its <c>allOf</c> and <c>$ref</c> already followed.</summary>
internal sealed record InputRule
{
    public static InputRule Anything { get; } = new();

    public InputTypes Types { get; init; }

    public bool Nullable { get; init; }

    /// <summary><c>uri</c> marks a file; others (<c>password</c>) are not checked.</summary>
    public string? Format { get; init; }

    /// <summary>Empty: no list of allowed values.</summary>
    public IReadOnlyList<JsonElement> Allowed { get; init; } = [];

    public decimal? Minimum { get; init; }

    public decimal? Maximum { get; init; }

    /// <summary>Whether <see cref="Minimum"/> itself is not allowed.</summary>
    public bool ExclusiveMinimum { get; init; }

    /// <summary>Whether <see cref="Maximum"/> itself is not allowed.</summary>
    public bool ExclusiveMaximum { get; init; }

    /// <summary>In code points.</summary>
    public int? MinLength { get; init; }

    /// <summary>In code points.</summary>
    public int? MaxLength { get; init; }

    public int? MinItems { get; init; }

    public int? MaxItems { get; init; }

    /// <summary>For each member of an array; null: anything.</summary>
    public InputRule? Items { get; init; }

    /// <summary>One of these must hold as well; empty: no such choice.</summary>
    public IReadOnlyList<InputRule> AnyOf { get; init; } = [];

    /// <summary>A file by its URL, its data URI, or the id of one that is kept here.</summary>
    public bool IsFile => Format == "uri" && Types == InputTypes.String;

    /// <summary>Whether a file is among what is allowed: by itself, in a list, or as one of several choices.</summary>
    public bool TakesFiles => IsFile || Items is { IsFile: true } || AnyOf.Any(choice => choice.TakesFiles);

    public bool IsArray => Types == InputTypes.Array;

    /// <summary>Both rules at once. Two lists of allowed values do not occur in practice; the other's wins.</summary>
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
/// One input of a model. <see cref="Default"/> is what the model uses when the input is absent, null where the schema tells none;
/// without a <see cref="Required"/> one a run is refused.
/// </summary>
internal sealed record InputProperty(string Name, InputRule Rule, JsonElement? Default, bool Required, string? Description);
