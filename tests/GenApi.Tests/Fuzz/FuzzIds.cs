using System.Text.RegularExpressions;

namespace GenApi.Tests.Fuzz;

/// <summary>Ids that the service has returned, so that requests get beyond "not found".</summary>
internal sealed partial class FuzzIds
{
    private const int MostOfAKind = 50;

    private static readonly string[] Prefixes = ["gen_", "img_", "fil_", "upl_", "msg_", "key_"];

    private static readonly string[] Bad =
    [
        "", "%00", "..", "%2e%2e", "%2F", "a/b", "%zz", "%", "%ff", "%F0%9F%A6%8A", "gen_", "gen_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "GEN_01KNF4SGD2E4Y8C25MGCV9W4C1",
        "gen_01knf4sgd2e4y8c25mgcv9w4c1%20", "null", "-1", "'; DROP TABLE Generations;--", "{id}", "*", "%ed%a0%80", "\u00e9",
        new string('a', 3000),
    ];

    private readonly HashSet<string> _spared = [];
    private readonly Dictionary<string, List<string>> _known = Prefixes.ToDictionary(prefix => prefix, _ => new List<string>());

    [GeneratedRegex("(gen_|img_|fil_|upl_|msg_|key_)[0-9a-z]{26}")]
    private static partial Regex Id { get; }

    /// <summary>Excludes the ids in a text.</summary>
    public void Spare(string text) => _spared.UnionWith(Id.Matches(text).Select(match => match.Value));

    public void Learn(string text)
    {
        lock (_known)
        {
            foreach (Match match in Id.Matches(text))
            {
                var known = _known[match.Groups[1].Value];
                if (known.Count < MostOfAKind && !_spared.Contains(match.Value) && !known.Contains(match.Value))
                    known.Add(match.Value);
            }
        }
    }

    /// <summary>Returns the kind of id that a path requires.</summary>
    public static string PrefixOf(string path, string parameter) => parameter == "delivery_id" ? "msg_" : path.Split('/')[1] switch
    {
        "generations" => "gen_",
        "images" => "img_",
        "files" => "fil_",
        "uploads" => "upl_",
        _ => "key_",
    };

    public string Draw(Random random, string prefix) => random.Next(100) switch
    {
        < 60 when Existing(random, prefix) is { } known => known,
        < 70 when Existing(random, prefix) is { } known => prefix + known[4..].ToUpperInvariant(),
        < 75 when Existing(random, prefix) is { } known => known
            + random.GetItems([".png", ".", ".x.y", "/", "%20", "\0", ";a=b"], 1)[0].Replace("\0", "%00", StringComparison.Ordinal),
        < 80 when Existing(random, random.GetItems(Prefixes, 1)[0]) is { } other => other,
        < 90 => prefix + "01knf4sgd2" + string.Concat(random.GetItems("0123456789abcdefghjkmnpqrstvwxyz".AsSpan(), 16)),
        _ => random.GetItems(Bad, 1)[0],
    };

    public string? Existing(Random random, string prefix)
    {
        lock (_known)
            return _known[prefix] is { Count: > 0 } known ? known[random.Next(known.Count)] : null;
    }
}
