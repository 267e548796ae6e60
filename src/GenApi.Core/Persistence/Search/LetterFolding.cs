using System.Text;

namespace GenApi.Core.Persistence.Search;

/// <summary>
/// Folds letters for the search: lower case, Latin and Greek without accents, full-width and half-width forms as ordinary ones, and letters
/// typed in parts as one. The tables are ours because the service runs without ICU, where <c>string.Normalize</c> changes nothing.
/// </summary>
internal static class LetterFolding
{
    private const int TableEnd = 0x2000;

    /// <summary>Each group is a letter, then its accented forms.</summary>
    private const string Accented =
        "aàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ bḃḅḇ cçćĉċčḉ dďḋḍḏḑḓ eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ fḟ gĝğġģǧǵḡ hĥȟḣḥḧḩḫẖ " +
        "iìíîïĩīĭįǐȉȋḭḯỉị jĵǰ kķǩḱḳḵ lĺļľḷḹḻḽ mḿṁṃ nñńņňǹṅṇṉṋ oòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ pṕṗ rŕŗřȑȓṙṛṝṟ " +
        "sśŝşšșṡṣṥṧṩ tţťțṫṭṯṱẗ uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự vṽṿ wŵẁẃẅẇẉẘ xẋẍ yýÿŷȳẏẙỳỵỷỹ zźżžẑẓẕ " +
        "αάἀἁἂἃἄἅἆἇὰάᾀᾁᾂᾃᾄᾅᾆᾇᾰᾱᾲᾳᾴᾶᾷ εέἐἑἒἓἔἕὲέ ηήἠἡἢἣἤἥἦἧὴήᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ ιΐίϊἰἱἲἳἴἵἶἷὶίῐῑῒΐῖῗ οόὀὁὂὃὄὅὸό ρῤῥ " +
        "υΰϋύὐὑὒὓὔὕὖὗὺύῠῡῢΰῦῧ ωώὠὡὢὣὤὥὦὧὼώᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ";

    /// <summary>The ordinary forms of U+FF66 to U+FF9F.</summary>
    private const string OfHalfWidth = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A";

    /// <summary>Each group is a letter, a mark, and the separate letter that both make, where the mark is not an accent.</summary>
    private const string Composed = "и\u0306й у\u0306ў е\u0308ё і\u0308ї г\u0301ѓ к\u0301ќ "
        + "う\u3099ゔ ウ\u3099ヴ ワ\u3099ヷ ヲ\u3099ヺ ゝ\u3099ゞ ヽ\u3099ヾ";

    /// <summary>
    /// The code point after each of these letters is the letter with a voiced mark. In the second row, the one after that has a semi-voiced
    /// mark.
    /// </summary>
    private const string Voiced = "かきくけこさしすせそたちつてとカキクケコサシスセソタチツテト";
    private const string VoicedTwice = "はひふへほハヒフヘホ";

    private static readonly char[] Bases = MakeBases();

    /// <summary>Appends a letter, or joins it to the last one where it is only a part of that.</summary>
    public static void Append(List<int> letters, Rune rune)
    {
        var letter = Folded(rune);
        if (letters.Count > 0 && Compose(letters[^1], letter) is { } whole)
            letters[^1] = whole;
        else
            letters.Add(letter);
    }

    /// <summary>Drops an accent, unless it turns the last letter into another one.</summary>
    public static void Accent(List<int> letters, Rune mark)
    {
        if (letters.Count > 0 && letters[^1] <= char.MaxValue && mark.IsBmp && Marked((char)letters[^1], (char)mark.Value) is { } whole)
            letters[^1] = whole;
    }

    private static int Folded(Rune rune)
    {
        // Upper case first, so that both small sigmas are one letter.
        var letter = Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;
        return letter switch
        {
            < TableEnd => Bases[letter] is not '\0' and var bare ? bare : letter,
            >= 0xFF01 and <= 0xFF5E => Rune.ToLowerInvariant(new Rune(letter - 0xFEE0)).Value,
            >= 0xFF66 and <= 0xFF9F => OfHalfWidth[letter - 0xFF66],
            _ => letter,
        };
    }

    private static int? Compose(int letter, int part)
    {
        switch (part)
        {
            // The vowel, then the final consonant of a Korean syllable (Unicode, 3.12).
            case >= 0x1161 and <= 0x1175 when letter is >= 0x1100 and <= 0x1112:
                return 0xAC00 + (((letter - 0x1100) * 21) + part - 0x1161) * 28;
            case >= 0x11A8 and <= 0x11C2 when letter is >= 0xAC00 and <= 0xD7A3 && (letter - 0xAC00) % 28 == 0:
                return letter + part - 0x11A7;
            case 0x3099 or 0x309A when letter <= char.MaxValue:
                return Marked((char)letter, (char)part);
            default:
                return null;
        }
    }

    private static int? Marked(char letter, char mark)
    {
        if (mark == '\u3099' && (Voiced.Contains(letter) || VoicedTwice.Contains(letter)))
            return letter + 1;
        if (mark == '\u309A' && VoicedTwice.Contains(letter))
            return letter + 2;
        var at = Composed.IndexOf($"{letter}{mark}", StringComparison.Ordinal);
        return at < 0 ? null : Composed[at + 2];
    }

    private static char[] MakeBases()
    {
        var bases = new char[TableEnd];
        foreach (var row in Accented.Split(' '))
        {
            foreach (var form in row.AsSpan(1))
                bases[form] = row[0];
        }
        return bases;
    }
}
