using System.Text;

namespace GenApi.Core.Generations.Gallery;

/// <summary>
/// Writes letters typed in parts as one, as Unicode's form NFC does: letters of Latin, Greek, Cyrillic, Arabic, Indic scripts and Kana with
/// their marks, and Korean syllables. The table is ours because the service runs without ICU, where <c>string.Normalize</c> changes
/// nothing.
/// </summary>
internal static class ComposedText
{
    private const int FirstSyllable = 0xAC00, LastSyllable = 0xD7A3, Lead = 0x1100, Vowel = 0x1161, Tail = 0x11A7, Vowels = 21, Tails = 28;

    private static readonly Dictionary<(int First, int Second), int> Wholes = [];
    private static readonly Dictionary<int, (int First, int Second)> Parts = [];

    /// <summary>The class of each mark. Marks of different classes may stand in any order and mean the same.</summary>
    private static readonly Dictionary<int, int> Classes = [];

    static ComposedText()
    {
        foreach (var row in Table)
        {
            var cells = row.Split(' ');
            var (mark, letters) = (Rune.GetRuneAt(cells[1], 0).Value, cells[2].EnumerateRunes().ToList());
            Classes[mark] = int.Parse(cells[0], System.Globalization.CultureInfo.InvariantCulture);
            for (var at = 0; at < letters.Count; at += 2)
            {
                Wholes[(letters[at].Value, mark)] = letters[at + 1].Value;
                Parts[letters[at + 1].Value] = (letters[at].Value, mark);
            }
        }
    }

    /// <param name="text">Well-formed, in lower case.</param>
    public static string Of(string text)
    {
        if (System.Text.Ascii.IsValid(text))
            return text;
        var parts = new List<int>();
        foreach (var rune in text.EnumerateRunes())
            Split(rune.Value, parts);
        Sort(parts);
        var composed = new StringBuilder();
        foreach (var letter in Join(parts))
            composed.Append(new Rune(letter).ToString());
        return composed.ToString();
    }

    private static void Split(int letter, List<int> parts)
    {
        if (Parts.TryGetValue(letter, out var both))
        {
            Split(both.First, parts);
            parts.Add(both.Second);
        }
        else if (letter is >= FirstSyllable and <= LastSyllable)
        {
            var place = letter - FirstSyllable;
            parts.AddRange(Lead + place / (Vowels * Tails), Vowel + place % (Vowels * Tails) / Tails);
            if (place % Tails > 0)
                parts.Add(Tail + place % Tails);
        }
        else
        {
            parts.Add(letter);
        }
    }

    /// <summary>Puts the marks of each letter into the order of their classes.</summary>
    private static void Sort(List<int> parts)
    {
        for (var at = 1; at < parts.Count; at++)
        {
            for (var to = at; to > 0 && ClassOf(parts[to]) is > 0 and var mark && ClassOf(parts[to - 1]) > mark; to--)
                (parts[to], parts[to - 1]) = (parts[to - 1], parts[to]);
        }
    }

    private static List<int> Join(List<int> parts)
    {
        var joined = new List<int>();
        var (letter, last) = (-1, 0);
        foreach (var part in parts)
        {
            var mark = ClassOf(part);
            // A mark of the same class in between belongs to the letter first.
            var isNext = letter >= 0 && (letter == joined.Count - 1 || (last < mark && last > 0));
            if (isNext && Whole(joined[letter], part) is { } whole)
            {
                joined[letter] = whole;
                continue;
            }
            if (mark == 0)
                letter = joined.Count;
            last = mark;
            joined.Add(part);
        }
        return joined;
    }

    private static int? Whole(int first, int second)
    {
        if (Wholes.TryGetValue((first, second), out var whole))
            return whole;
        if (first is >= Lead and < Lead + 19 && second is >= Vowel and < Vowel + Vowels)
            return FirstSyllable + ((first - Lead) * Vowels + second - Vowel) * Tails;
        return first is >= FirstSyllable and <= LastSyllable && (first - FirstSyllable) % Tails == 0 && second is > Tail and < Tail + Tails
            ? first + second - Tail
            : null;
    }

    private static int ClassOf(int part) => Classes.GetValueOrDefault(part);

    /// <summary>For each mark its class, the mark, and each letter followed by the letter with the mark.</summary>
    private static ReadOnlySpan<string> Table => new[]
    {
        "230 \u0300 aàeèiìoòuùüǜnǹеѐиѝēḕōṑwẁâầăằêềôồơờưừyỳἀἂἁἃἐἒἑἓἠἢἡἣἰἲἱἳὀὂὁὃὐὒὑὓὠὢὡὣαὰεὲηὴιὶοὸυὺωὼ\u1FBF\u1FCDϊῒ"
            + "\u1FFE\u1FDDϋῢ\u00A8\u1FED",
        "230 \u0301 aáeéiíoóuúyýcćlĺnńrŕsśzźüǘgǵåǻæǽøǿ\u00A8\u0385ϊΐαάεέηήιίϋΰοόυύωώϒϓгѓкќçḉēḗïḯkḱmḿõṍōṓpṕũṹwẃâấăắêếôốơớ"
            + "ưứἀἄἁἅἐἔἑἕἠἤἡἥἰἴἱἵὀὄὁὅὐὔὑὕὠὤὡὥ\u1FBF\u1FCE\u1FFE\u1FDE",
        "230 \u0302 aâeêiîoôuûcĉgĝhĥjĵsŝwŵyŷzẑạậẹệọộ",
        "230 \u0303 aãnñoõiĩuũvṽâẫăẵeẽêễôỗơỡưữyỹ",
        "230 \u0308 aäeëiïoöuüyÿιϊυϋϒϔеёіїаӓәӛжӝзӟиӥоӧөӫэӭуӱчӵыӹhḧõṏūṻwẅxẍtẗ",
        "230 \u030A aåuůwẘyẙ",
        "202 \u0327 cçgģkķlļnņrŗsştţeȩdḑhḩ",
        "230 \u0304 aāeēiīoōuūüǖäǟȧǡæǣǫǭöȫõȭȯȱyȳиӣуӯgḡḷḹṛṝαᾱιῑυῡ",
        "230 \u0306 aăeĕgğiĭoŏuŭийуўжӂаӑеӗȩḝạặαᾰιῐυῠ",
        "202 \u0328 aąeęiįuųoǫ",
        "230 \u0307 cċeėgġIİzżaȧoȯbḃdḋfḟhḣmṁnṅpṗrṙsṡśṥšṧṣṩtṫwẇxẋyẏſẛ",
        "230 \u030C cčdďeělľnňrřsštťzžaǎiǐoǒuǔüǚgǧkǩʒǯjǰhȟ",
        "230 \u030B oőuűуӳ",
        "216 \u031B oơuư",
        "230 \u030F aȁeȅiȉoȍrȑuȕѵѷ",
        "230 \u0311 aȃeȇiȋoȏrȓuȗ",
        "220 \u0326 sștț",
        "230 \u0653 \u0627\u0622",
        "230 \u0654 \u0627\u0623\u0648\u0624\u064A\u0626\u06D5\u06C0\u06C1\u06C2\u06D2\u06D3",
        "220 \u0655 \u0627\u0625",
        "7 \u093C \u0928\u0929\u0930\u0931\u0933\u0934",
        "0 \u09BE \u09C7\u09CB",
        "0 \u09D7 \u09C7\u09CC",
        "0 \u0B56 \u0B47\u0B48",
        "0 \u0B3E \u0B47\u0B4B",
        "0 \u0B57 \u0B47\u0B4C",
        "0 \u0BD7 \u0B92\u0B94\u0BC6\u0BCC",
        "0 \u0BBE \u0BC6\u0BCA\u0BC7\u0BCB",
        "91 \u0C56 \u0C46\u0C48",
        "0 \u0CD5 \u0CBF\u0CC0\u0CC6\u0CC7\u0CCA\u0CCB",
        "0 \u0CD6 \u0CC6\u0CC8",
        "0 \u0CC2 \u0CC6\u0CCA",
        "0 \u0D3E \u0D46\u0D4A\u0D47\u0D4B",
        "0 \u0D57 \u0D46\u0D4C",
        "9 \u0DCA \u0DD9\u0DDA\u0DDC\u0DDD",
        "0 \u0DCF \u0DD9\u0DDC",
        "0 \u0DDF \u0DD9\u0DDE",
        "0 \u102E \u1025\u1026",
        "0 \u1B35 \u1B05\u1B06\u1B07\u1B08\u1B09\u1B0A\u1B0B\u1B0C\u1B0D\u1B0E\u1B11\u1B12\u1B3A\u1B3B\u1B3C\u1B3D"
            + "\u1B3E\u1B40\u1B3F\u1B41\u1B42\u1B43",
        "220 \u0325 aḁ",
        "220 \u0323 bḅdḍhḥkḳlḷmṃnṇrṛsṣtṭvṿwẉzẓaạeẹiịoọơợuụưựyỵ",
        "220 \u0331 bḇdḏkḵlḻnṉrṟtṯzẕhẖ",
        "220 \u032D dḓeḙlḽnṋtṱuṷ",
        "220 \u0330 eḛiḭuṵ",
        "220 \u032E hḫ",
        "220 \u0324 uṳ",
        "230 \u0309 aảâẩăẳeẻêểiỉoỏôổơởuủưửyỷ",
        "230 \u0313 αἀεἐηἠιἰοὀυὐωὠρῤ",
        "230 \u0314 αἁεἑηἡιἱοὁυὑωὡρῥ",
        "230 \u0342 ἀἆἁἇἠἦἡἧἰἶἱἷὐὖὑὗὠὦὡὧαᾶ\u00A8\u1FC1ηῆ\u1FBF\u1FCFιῖϊῗ\u1FFE\u1FDFυῦϋῧωῶ",
        "240 \u0345 ἀᾀἁᾁἂᾂἃᾃἄᾄἅᾅἆᾆἇᾇἠᾐἡᾑἢᾒἣᾓἤᾔἥᾕἦᾖἧᾗὠᾠὡᾡὢᾢὣᾣὤᾤὥᾥὦᾦὧᾧὰᾲαᾳάᾴᾶᾷὴῂηῃήῄῆῇὼῲωῳώῴῶῷ",
        "8 \u3099 かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔゝゞカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴワヷヰヸヱヹヲヺヽヾ",
        "8 \u309A はぱひぴふぷへぺほぽハパヒピフプヘペホポ",
        "7 \U000110BA \U00011099\U0001109A\U0001109B\U0001109C\U000110A5\U000110AB",
        "0 \U00011127 \U00011131\U0001112E\U00011132\U0001112F",
        "0 \U0001133E \U00011347\U0001134B",
        "0 \U00011357 \U00011347\U0001134C",
        "0 \U000114BA \U000114B9\U000114BB",
        "0 \U000114B0 \U000114B9\U000114BC",
        "0 \U000114BD \U000114B9\U000114BE",
        "0 \U000115AF \U000115B8\U000115BA\U000115B9\U000115BB",
        "0 \U00011930 \U00011935\U00011938",
    };
}
