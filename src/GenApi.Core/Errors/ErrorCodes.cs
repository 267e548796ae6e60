using System.Collections.Frozen;
using System.Text.Json;

namespace GenApi.Core.Errors;

/// <summary>
/// The stable code of each <see cref="ErrorKind"/>: its name in snake_case, as in <c>urn:genapi:problem:&lt;code&gt;</c>.
/// </summary>
public static class ErrorCodes
{
    private static readonly FrozenDictionary<ErrorKind, string> Codes =
        Enum.GetValues<ErrorKind>().ToFrozenDictionary(kind => kind, kind => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()));

    private static readonly FrozenDictionary<string, ErrorKind> Kinds = Codes.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    public static string Of(ErrorKind kind) => Codes[kind];

    /// <summary>Finds the kind of a code from a row; null for a code that this version does not know.</summary>
    public static ErrorKind? Find(string code) => Kinds.TryGetValue(code, out var kind) ? kind : null;
}
