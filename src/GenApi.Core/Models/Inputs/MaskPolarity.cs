using System.Text.RegularExpressions;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Determines which colour of a mask a model repaints: by the operator's setting (<c>Models:Aliases:…:MaskRepaints</c>), else by the
/// description of the input <c>mask</c>, else by the model's name, else white.
/// </summary>
internal sealed partial class MaskPolarity(IOptions<ModelOptions> options)
{
    /// <summary>
    /// The families whose published description of <c>mask</c> says "Black pixels are inpainted, white pixels are preserved" (ideogram v2
    /// and v3, each with its variants). They are used only if a description can't be read.
    /// </summary>
    private static readonly string[] BlackFamilies = ["ideogram-ai/ideogram-v2", "ideogram-ai/ideogram-v3"];

    private readonly Dictionary<string, MaskColour> _said = options.Value.Aliases.Values
        .Where(alias => alias.MaskRepaints is not null)
        .GroupBy(alias => alias.Model.Split(':')[0], StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => group.First().MaskRepaints!.Value, StringComparer.OrdinalIgnoreCase);

    public MaskColour Of(ResolvedModel model)
    {
        if (_said.TryGetValue(model.Reference, out var said))
            return said;
        return Read(model.Input.Find(CommonNames.Mask)?.Description)
            ?? (BlackFamilies.Any(family => model.Reference.StartsWith(family, StringComparison.OrdinalIgnoreCase))
                ? MaskColour.Black
                : MaskColour.White);
    }

    /// <summary>Explains why a mask at another address can't be inverted for a model that repaints black.</summary>
    /// <param name="own">The model's own name of the input.</param>
    public static string CanNotInvert(string own) =>
        "has to be inverted for this model, which repaints where a mask is black, and GenApi can only invert files that it has: "
        + "upload it (POST /uploads) or send a data URI; "
        + $"or give a mask that is black where to repaint by the model's own name, in $.input.{own}";

    /// <summary>
    /// Returns the colour that a description says is painted: "White pixels are inpainted and black pixels are preserved". Null if it says
    /// so of neither or both.
    /// </summary>
    internal static MaskColour? Read(string? description)
    {
        bool white = false, black = false;
        // "A black and white image for inpainting" says nothing about either colour.
        foreach (var clause in Clauses().Split(BothColours().Replace(description ?? "", "")))
        {
            var isWhite = clause.Contains("white", StringComparison.OrdinalIgnoreCase);
            var isBlack = clause.Contains("black", StringComparison.OrdinalIgnoreCase);
            if (isWhite == isBlack || !Repainted().IsMatch(clause) || Kept().IsMatch(clause))
                continue;
            white |= isWhite;
            black |= isBlack;
        }
        return white == black ? null : white ? MaskColour.White : MaskColour.Black;
    }

    [GeneratedRegex(@"\b(black[ -]and[ -]white|black/white|b&w)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BothColours();

    [GeneratedRegex(@"[.,;:()\n]|\band\b|\bwhile\b|\bbut\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Clauses();

    [GeneratedRegex(
        @"\b(inpaint|re-?paint|paint|re-?generat|generat|replac|edit|fill|modif|chang|remov|eras)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Repainted();

    [GeneratedRegex(@"\b(not|never|preserv|keep|kept|stay|unchanged|remain)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Kept();
}
