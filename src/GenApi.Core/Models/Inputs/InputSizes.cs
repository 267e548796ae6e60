using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>Checks an input against <see cref="InputLimits"/>.</summary>
internal static class InputSizes
{
    /// <summary>Returns what is wrong with the length of a prompt; null for any other input, whose length only its schema limits.</summary>
    public static string? PromptProblem(string name, JsonElement value) =>
        name is CommonNames.Prompt or CommonNames.NegativePrompt && value.ValueKind == JsonValueKind.String
        && JsonMarshal.GetRawUtf8Value(value).Length > InputLimits.LongestPrompt
        && JsonCharacters.Count(value) is > InputLimits.LongestPrompt and var count
            ? $"must have at most {InputLimits.LongestPrompt} characters; there are {count}"
            : null;

    /// <summary>
    /// Refuses the members beyond <see cref="InputLimits.MostBytes"/>. A text that begins like a data URI counts, unless it is a file of
    /// the input.
    /// </summary>
    public static void Check(List<KeyValuePair<string, JsonElement>> members, List<InputFile>? files, ref InputProblems problems)
    {
        long total = 0;
        foreach (var (name, value) in members)
        {
            total += JsonMarshal.GetRawUtf8Value(value).Length;
            foreach (var file in files ?? [])
                total -= file.Name == name ? file.DataLength : 0;
            if (total > InputLimits.MostBytes)
            {
                problems.Refuse(
                    InputProblems.PathOf(name),
                    $"makes the input too long: without its files it may have {ByteSize.Text(InputLimits.MostBytes)} of JSON in all");
            }
        }
    }
}
