using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GenApi.Tests.Fuzz;

/// <summary>
/// Draws JSON as text, so that it can be what no writer produces: duplicate members, half surrogates, numbers beyond any type.
/// </summary>
internal sealed class FuzzJson(Random random, FuzzIds ids)
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "64", "1.0", "0.5", "1e3", "1E+400", "-1e400", "1e-400", "2147483647", "2147483648", "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809", "79228162514264337593543950336", "0.1e1", "1e-1",
        "123456789012345678901234567890.123456789012345678901234567890", "01", "+1", ".5", "NaN", "1e99999999999",
    ];

    private static readonly string[] Texts =
    [
        "", " ", "a", "a red fox", "auto", "reuse", "refresh", "completed", "sdxl", "K_EULER", "16:9", "png", "null", "\\u0000", "\\ud800",
        "\\udc00\\ud800", "\\ud83e\\udd8a", "\u00e9\u00e8",
        "\ud83e\udd8a", "\\\"", "\\x", "\u0001", "\\n\\r\\t\\b", "data:image/png;base64,AAAA", "data:,", "data:image/png;base64,%%%",
        "data:image/png;base64", "https://example.com/a.png",
        "http://127.0.0.1:1/", "http://[::1", "https://user:pw@example.com/", "file:///etc/passwd", "img_", "2040-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-14:00",
        "\u202e\u0000\ufeff\uffff", "owner/name", "stability-ai/sdxl:7762", "sandbox/fails", "a/b/c", "../..", "%s%n", "${jndi:x}",
        "generate", "read", "admin",
    ];

    /// <summary>Plausible values of members, so that a request gets past its reader.</summary>
    private static readonly Dictionary<string, string[]> Plausible = new()
    {
        ["prompt"] = ["\"a red fox\"", "\"\ud83e\udd8a in snow\""],
        ["model"] =
        [
            "\"sdxl\"", "\"sd\"", "\"flux-schnell\"", "\"sandbox/fails\"", "\"sandbox/empty\"", "\"sandbox/refuses\"",
            "\"stability-ai/sdxl\"", "\"nobody/nothing\"", "\"SDXL\"", "\"sdxl:\"", "\":\"", "\"/\"",
        ],
        ["width"] = ["64", "128", "64.0", "6.4e1", "63", "100000"],
        ["height"] = ["64", "128", "2147483647"],
        ["seed"] = ["1", "2", "0", "9223372036854775807"],
        ["num_outputs"] = ["1", "2", "5"],
        ["steps"] = ["1", "25", "501"],
        ["guidance"] = ["7.5", "1", "-1", "1e308"],
        ["strength"] = ["0.5", "0", "1"],
        ["aspect_ratio"] = ["\"1:1\"", "\"1:0\""],
        ["output_format"] = ["\"png\"", "\"webp\"", "\"jpeg\""],
        ["cache"] = ["\"auto\"", "\"reuse\"", "\"refresh\""],
        ["metadata"] = ["{\"ticket\":\"A-17\"}", "{}"],
        ["webhook"] = ["\"http://127.0.0.1:1/hook\"", "\"https://example.com/hook\""],
        ["webhook_events_filter"] = ["[\"start\",\"completed\"]", "[\"progress\"]"],
        ["input"] = ["{\"scheduler\":\"K_EULER\"}", "{\"prompt\":\"a\"}", "{\"width\":64,\"nothing\":1}"],
        ["negative_prompt"] = ["\"text\""],
        ["name"] = ["\"web shop\""],
        ["rights"] = ["[\"read\"]", "[\"generate\",\"read\",\"read\"]"],
        ["expires_at"] = ["\"2040-01-01T00:00:00Z\"", "null"],
    };

    private static readonly string[] Members = [.. Plausible.Keys, "image", "mask"];

    /// <summary>Changes a documented example in a few places.</summary>
    public string Mutated(JsonElement example)
    {
        var members = example.EnumerateObject().Where(_ => random.Next(8) > 0).Select(
            each => (each.Name, Value: Small(each.Name, each.Value))).ToList();
        for (var more = random.Next(3); more > 0; more--)
        {
            var name = random.Next(15) > 0 ? random.GetItems(Members, 1)[0] : Text();
            if (random.Next(20) > 0)
                members.RemoveAll(each => each.Name == name);
            members.Add((name, random.Next(8) > 0 ? PlausibleValue(name) : Value(2)));
        }
        return "{" + string.Join(",", members.Select(each => $"\"{each.Name}\":{each.Value}")) + "}";
    }

    public string Value(int depth) => random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => random.GetItems(["null", "true", "false"], 1)[0],
        1 or 2 => random.GetItems(Numbers, 1)[0],
        < 6 => $"\"{Text()}\"",
        6 => $"[{string.Join(",", Values(depth))}]",
        7 => random.Next(20) == 0 ? new string('[', 200) + new string(']', 200) : $"[{Value(depth - 1)}]",
        _ => "{" + string.Join(",", Values(depth).Select(value => $"\"{Text()}\":{value}")) + "}",
    };

    /// <summary>Changes, doubles or cuts off some bytes.</summary>
    public byte[] Broken(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json).ToList();
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.Skip(at).Take(random.Next(20)).ToArray());
                    break;
                default:
                    bytes.RemoveAt(at);
                    break;
            }
        }
        return [.. bytes];
    }

    private List<string> Values(int depth) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth - 1))];

    private string Text() => random.Next(40) == 0 ? new string('x', random.Next(40_000)) : random.GetItems(Texts, 1)[0];

    private string PlausibleValue(string name)
    {
        if (name is not ("image" or "mask"))
            return Plausible.TryGetValue(name, out var values) ? random.GetItems(values, 1)[0] : Value(1);
        var id = ids.Existing(random, random.Next(2) == 0 ? "img_" : "upl_") ?? "upl_01knf4sgd2e4y8c25mgcv9w4c1";
        return random.Next(3) == 0 ? $"\"{random.GetItems(Texts, 1)[0]}\"" : $"\"{id}\"";
    }

    /// <summary>Keeps the example's value. Pictures stay small, because the sandbox paints accepted requests.</summary>
    private string Small(string name, JsonElement value) => name switch
    {
        "width" or "height" => random.Next(10) > 0 ? "64" : random.Next(200).ToString(CultureInfo.InvariantCulture),
        "seed" => random.Next(30).ToString(CultureInfo.InvariantCulture),
        _ when random.Next(12) == 0 => Value(2),
        _ => value.GetRawText(),
    };
}
