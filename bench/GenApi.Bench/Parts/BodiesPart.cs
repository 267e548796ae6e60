using System.Net.Http.Headers;
using System.Text;

namespace GenApi.Bench.Parts;

/// <summary>
/// Sends large and hostile bodies, one at a time. Measures the processor time of the GenApi process from the first byte until it is idle
/// again, the rise of its resident memory, and the size of the answer. Each body is sent several times; the worst counts.
/// </summary>
internal static class BodiesPart
{
    private const double Megabyte = 1 << 20;
    private const double MostCpuSeconds = 0.5;
    private const double MostMegabytes = 64;
    private const double MostAnswerKilobytes = 64;
    private const int Size = 12_000_000;
    private const int AcceptedBefore = 15;

    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(300);

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "data", null, cancellationToken);
        // Ordinary requests come first, so that no row includes the cost of a first request.
        for (var seed = 1; seed <= 20; seed++)
            await genApi.GenerateAsync(Requests.Body(seed, 64), cancellationToken);
        // Background compilation after the first requests must not count.
        foreach (var body in Bodies().Where(each => each.IsAccepted))
        {
            for (var round = 0; round < AcceptedBefore; round++)
                await SendAsync(genApi, body, lab.Settings.Rounds + round, cancellationToken);
        }
        foreach (var body in Bodies())
        {
            var rounds = new List<Cost>();
            for (var round = 0; round < lab.Settings.Rounds; round++)
            {
                var cost = await SendAsync(genApi, body, round, cancellationToken);
                rounds.Add(cost);
                await Console.Error.WriteLineAsync(
                    $"bench: {body.Name}: {cost.Cpu:0.00} s, {cost.Memory:0} MB, {cost.Answer:0.0} kB, {cost.Status}");
            }
            var (cpu, memory, answer) = (rounds.Max(each => each.Cpu), rounds.Max(each => each.Memory), rounds.Max(each => each.Answer));
            table.Single(
                "bodies", $"{body.Name}: CPU", $"{cpu:0.00} s", Target.AtMost(MostCpuSeconds, cpu, " s"), $"status {rounds[0].Status}");
            table.Single("bodies", $"{body.Name}: memory", $"{memory:0} MB", Target.AtMost(MostMegabytes, memory, " MB"));
            table.Single("bodies", $"{body.Name}: answer", $"{answer:0.0} kB", Target.AtMost(MostAnswerKilobytes, answer, " kB"));
        }
    }

    private static async Task<Cost> SendAsync(Server genApi, Body body, int round, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, body.Path) { Content = new ByteArrayContent(body.Make(round)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(body.ContentType);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", $"{body.Name.Replace(' ', '-')}-{round}");
        // A route with a lower limit refuses before the body is sent.
        request.Headers.ExpectContinue = true;
        await Task.Delay(Rest, TimeProvider.System, cancellationToken);
        genApi.Child.ResetPeak();
        var (before, resident) = (genApi.Child.CpuTime, genApi.Child.ResidentBytes);
        using var answer = await genApi.Http.SendAsync(request, cancellationToken);
        var length = (await answer.Content.ReadAsByteArrayAsync(cancellationToken)).Length;
        await Task.Delay(Rest, TimeProvider.System, cancellationToken);
        var cpu = (genApi.Child.CpuTime - before).TotalSeconds;
        return new(cpu, (genApi.Child.PeakResidentBytes - resident) / Megabyte, length / 1000.0, (int)answer.StatusCode);
    }

    private static IEnumerable<Body> Bodies()
    {
        yield return Json("25,000 times one member", _ => $$"""{"prompt":"a"{{Repeat(25_000, _ => ",\"seed\":1")}}}""");
        yield return Json("a million times one member", _ => $$"""{"prompt":"a"{{Repeat(1_000_000, _ => ",\"seed\":1")}}}""");
        yield return Json("900 times one member", _ => $$"""{"prompt":"a"{{Repeat(900, _ => ",\"seed\":1")}}}""");
        yield return Json("600,000 unknown members", _ => $$"""{"prompt":"a"{{Repeat(600_000, each => $",\"x{each}\":1")}}}""");
        yield return Json("900 unknown members", _ =>
            $$"""{"prompt":"a"{{Repeat(900, each => $",\"{new string('ü', 300)}{each}\":1")}}}""");
        yield return Json("500,000 unknown inputs", _ =>
            $$"""{"prompt":"a","input":{"a":1{{Repeat(500_000, each => $",\"x{each}\":1")}} } }""");
        yield return Json("900 unknown inputs", _ =>
            $$"""{"prompt":"a","input":{"a":1{{Repeat(900, each => $",\"{new string('x', 400)}{each}\":1")}} } }""");
        yield return Json("a number of 3 million digits", _ => $$"""{"prompt":"a","seed":1{{new string('0', 3_000_000)}}}""");
        yield return Json("a fraction of 12 million digits", _ => $$"""{"prompt":"a","guidance":0.{{new string('1', Size)}}}""");
        yield return Json("a list of 6 million numbers", _ => $$"""{"prompt":"a","input":{"x":[0{{Repeat(Size / 2, _ => ",0")}}]} }""");
        yield return Json("a prompt of 12 MB", _ => $$"""{"prompt":"{{new string('a', Size)}}"}""");
        yield return Json("a prompt of 2 million escapes", _ => $$"""{"prompt":"{{Repeat(2_000_000, _ => "\\u00e9")}}"}""");
        yield return Json("a name of 12 MB", _ => $$"""{"prompt":"a","{{new string('n', Size)}}":1}""");
        yield return Json("a webhook of 12 MB", _ => $$"""{"prompt":"a","webhook":"https://example.com/{{new string('w', Size)}}"}""");
        yield return Json("a prompt that begins like a file", _ => $$"""{"input":{"prompt":"data:,{{new string('a', Size)}}"} }""");
        yield return Json("nested a million deep", _ =>
            $$"""{"prompt":"a","input":{{new string('[', 1_000_000)}}{{new string(']', 1_000_000)}}}""");
        yield return Json("no JSON", _ => new string('x', Size));
        yield return Json("12 MB of blanks", _ => new string(' ', Size));
        yield return Json("a data URI that is no base64", _ =>
            $$"""{"prompt":"a","image":"data:image/png;base64,{{new string('!', Size)}}"}""");
        yield return Json("a data URI that is no image", _ =>
            $$"""{"prompt":"a","image":"data:image/png;base64,{{new string('A', Size)}}"}""");
        yield return Json("a data URI of escapes", _ =>
            $$"""{"prompt":"a","image":"data:image\/png;base64,{{Repeat(2_000_000, _ => "\\u0041")}}"}""");
        yield return Json("a picture of 9 MB", round => Request(round, "sdxl", $"\"image\":{Data(Picture(8_900_000, round))}"))
            with
        { IsAccepted = true };
        yield return Json("40 pictures of 200 kB", round => Request(
            round, "sandbox/collage", $$""" "input":{"image_input":[{{Pictures(round)}}]} """)) with
        { IsAccepted = true };
        yield return Upload("a form without a file", "x", $"Content-Disposition: form-data; name=\"a\"\r\n\r\n{new string('a', Size)}");
        var boundary = new string('-', 60);
        yield return Upload(
            "an upload of almost boundaries", boundary,
            $"Content-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\n{Repeat(Size / 64, _ => $"\r\n-{boundary}x")}");
        yield return Upload(
            "a drawing of a million tags", "x",
            $"Content-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\n<svg>{Repeat(3_000_000, _ => "<a>")}");
        yield return new(
            "a key's name of 12 MB", "accounts/keys", "application/json",
            _ => Encoding.ASCII.GetBytes($$"""{"name":"{{new string('k', Size)}}"}"""));
    }

    private static Body Json(string name, Func<int, string> text) =>
        new(name, "generate", "application/json", round => Encoding.UTF8.GetBytes(text(round)));

    private static Body Upload(string name, string boundary, string part) => new(
        name,
        "uploads",
        $"multipart/form-data; boundary={boundary}",
        _ => Encoding.ASCII.GetBytes($"--{boundary}\r\n{part}\r\n--{boundary}--\r\n"));

    private static string Request(int seed, string model, string members) =>
        $$"""{"prompt":"a","model":"{{model}}","width":64,"height":64,"seed":{{seed}},{{members}}}""";

    private static string Data(byte[] picture) => $"\"data:image/png;base64,{Convert.ToBase64String(picture)}\"";

    private static string Pictures(int round) =>
        string.Join(',', Enumerable.Range(0, 40).Select(each => Data(Picture(200_000, (round * 40) + each))));

    private static string Repeat(int count, Func<int, string> piece)
    {
        var text = new StringBuilder();
        for (var each = 0; each < count; each++)
            text.Append(piece(each));
        return text.ToString();
    }

    /// <summary>Makes a grey PNG of 64 pixels with a chunk of private data. Each one is different.</summary>
    private static byte[] Picture(int bytes, int salt)
    {
        var plain = Convert.FromBase64String(
            "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAG0lEQVR42u3B"
            + "gQAAAADDoPlT3+AEVQEAAAB8AxBAAAG9PLePAAAAAElFTkSuQmCC");
        const int end = 12;
        var padding = new byte[12 + bytes];
        new Random(salt + 1).NextBytes(padding.AsSpan(8, bytes));
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(padding, bytes);
        "raNd"u8.CopyTo(padding.AsSpan(4));
        return [.. plain[..^end], .. padding, .. plain[^end..]];
    }

    /// <summary>Seconds, megabytes, kilobytes.</summary>
    private sealed record Cost(double Cpu, double Memory, double Answer, int Status);

    private sealed record Body(string Name, string Path, string ContentType, Func<int, byte[]> Make)
    {
        public bool IsAccepted { get; init; }
    }
}
