using System.Text.RegularExpressions;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Which colour a model repaints: what the operator says (<c>Models:Aliases:…:MaskRepaints</c>), else what the model's author says of the
/// input <c>mask</c>, else what is known of its name, else white.
/// </summary>
internal sealed partial class MaskPolarity(IOptions<ModelOptions> options)
{
    /// <summary>
    /// The families whose published description of <c>mask</c> says "Black pixels are inpainted, white pixels are preserved" (ideogram v2
    /// and v3, each with its variants). Only looked at where a description can't be read.
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
            ?? (BlackFamilies.Any(family => model.Reference.StartsWith(family, StringComparison.OrdinalIgnoreCase)) ? MaskColour.Black : MaskColour.White);
    }

    /// <summary>What to say of a mask that is somewhere else, for a model that repaints black.</summary>
    /// <param name="own">The model's own name of the input.</param>
    public static string CanNotInvert(string own) =>
        "has to be inverted for this model, which repaints where a mask is black, and only a file that is here can be: upload it (POST /uploads) or send a data URI; "
        + $"or give a mask that is black where to repaint by the model's own name, in $.input.{own}";

    /// <summary>
    /// The colour of which a description says that it is painted: "White pixels are inpainted and black pixels are preserved". Null where it
    /// says so of none, or of both.
    /// </summary>
    internal static MaskColour? Read(string? description)
    {
        bool white = false, black = false;
        // "A black and white image for inpainting" says nothing of either.
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

    [GeneratedRegex(@"\b(inpaint|re-?paint|paint|re-?generat|generat|replac|edit|fill|modif|chang|remov|eras)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Repainted();

    [GeneratedRegex(@"\b(not|never|preserv|keep|kept|stay|unchanged|remain)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Kept();
}
