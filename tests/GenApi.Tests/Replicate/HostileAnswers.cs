using System.Globalization;
using System.Text;

namespace GenApi.Tests.Replicate;

/// <summary>Predictions with members that no polite upstream sends. A number repeats each draw.</summary>
internal static class HostileAnswers
{
    private const string Missing = "";

    private static readonly string Long = new('x', 1_500_000);
    private static readonly string Deep = new string('[', 10_000) + new string(']', 10_000);
    private static readonly string Digits = new('9', 5000);

    private static readonly string[] Times =
    [
        Missing, "null", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"2026-01-01\"", "17", "-1e400", "{}", "[[]]",
            "\"yesterday\"", $"\"{new string('2', 300)}\"", "true",
    ];

    private static readonly string[] Logs =
    [
        Missing, "null", "17", "{\"a\":[1]}", "\"5/0 50%|x| 5/0\"", "\" 50%|x| 999999999999999/1\"", "\" 50%|x| 7/3\"",
            "\"caf\\udcc3 \\ud800\"", $"\"{Long}\\n 50%|x| 5/10\"", "\"\\u0000\\u001b[0m\"",
        $"\"{new string('|', 200_000)} 1%|{new string('|', 200_000)}\"", "\"raw \n\t line\"", "\"bytes \u00ff\"",
    ];

    private static readonly string[] Metrics =
    [
        Missing, "null", "[]", "\"x\"", "{\"predict_time\":1e999}", "{\"predict_time\":-5,\"total_time\":\"x\"}",
            "{\"predict_time\":1e300,\"total_time\":1e308}", "{\"total_time\":0,\"predict_time\":5e5}",
        $"{{\"predict_time\":{Digits}}}", "{\"image_count\":1e18,\"image_output_count\":-1}", "{\"predict_time\":{},\"total_time\":[]}",
            Deep,
    ];

    private static readonly string[] Texts = [Missing, "null", "17", "{\"a\":{\"b\":[1]}}", "[1,\"two\"]", $"\"{Long}\"", "\"\\ud800\"",
        "false", "\"\""];

    private static readonly string[] Statuses = ["\"processing\"", "\"PROCESSING\"", "17", "null", "[\"succeeded\"]", "{}", "\"\"",
        "\"queued\\u0000\"", "\"starting\""];

    private static readonly string[] Types =
        ["application/json", "text/html", "application/json; charset=bogus", "application/json; charset=utf-16", "image/png",
            "application/json; charset=\"utf-8\""];

    public static string TypeOf(string draw) => Draw(draw, 1).Pick(Types);

    public static string StatusOf(string draw) => Draw(draw, 2).Pick(Statuses);

    /// <summary>An output in which the picture's address stands somewhere.</summary>
    public static string OutputOf(string draw, string address) => Draw(draw, 3).Pick(
    [
        $"\"{address}\"", $"[\"{address}\"]", $"{{\"image\":[\"{address}\"]}}", $"[{Deep},\"{address}\"]",
            $"[null,5,true,{{}},\"\",\"http://\",\"http:///x\",\"data:\",\"\\ud800\",\"{address}\"]",
        $"[\"{Long}\",\"{address}\"]", $"[\"{address}\",{string.Join(',', Enumerable.Repeat("null", 100_000))}]",
            $"[\"http://{Long}/\",\"{address}\"]", $"{{\"a\":1,\"a\":[\"{address}\"],\"b\":{Digits}}}",
    ]);

    public static byte[] Of(string draw, string id, string status, string input, string output, bool isFound = false)
    {
        var random = Draw(draw, 4 + status.Length);
        var createdAt = random.Pick(Times);
        var members = new[]
        {
            Member("status", "\"failed\""), Member("id", $"\"{id}\""), Member("created_at", isFound ? Missing : createdAt), Member(
                "started_at", random.Pick(Times)), Member("completed_at", random.Pick(Times)),
            Member("logs", random.Pick(Logs)), Member("metrics", random.Pick(Metrics)), Member("error", random.Pick(Texts)), Member(
                "model", random.Pick(Texts)), Member("version", random.Pick(Texts)),
            Member("data_removed", random.Pick(Texts)), Member("urls", random.Pick(Texts)), Member(
                "extra", random.Next(4) == 0 ? Deep : Missing),
            Member("input", random.Pick([input, Missing, "null", "17", Deep])), Member("output", output), Member("status", status),
        };
        var text = "{" + string.Join(',', members.Where(member => member.Length > 0)) + "}";
        // One character stands for a byte that is not UTF-8.
        var bytes = Encoding.UTF8.GetBytes(text).AsSpan();
        var broken = bytes.IndexOf("\u00ff"u8);
        if (broken >= 0)
            bytes[broken] = bytes[broken + 1] = 0xFF;
        return random.Next(3) == 0 ? [0xEF, 0xBB, 0xBF, .. bytes] : bytes.ToArray();
    }

    private static string Member(string name, string value) => value.Length == 0 ? "" : $"\"{name}\":{value}";

    private static Random Draw(string draw, int salt) => new(int.Parse(draw, CultureInfo.InvariantCulture) * 1000 + salt);

    private static string Pick(this Random random, string[] from) => from[random.Next(from.Length)];
}
