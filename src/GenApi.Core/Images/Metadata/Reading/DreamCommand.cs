using System.Text;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>
/// Reads the command line that early versions of InvokeAI put into a picture: <c>"a fox [blurry]" -s 50 -S 42 -W 512 -H 512 -C 7.5</c>.
/// </summary>
internal static class DreamCommand
{
    private const int MostSwitches = 100, LongestValue = 1000;

    public static PictureSettings Read(string command)
    {
        var text = PromptOf(command.Trim(), out var end);
        var switches = SwitchesOf(command.Trim()[end..]);
        var (prompt, negative) = Split(text);
        var settings = new PictureSettings(SettingsSource.Invokeai)
        {
            Prompt = prompt,
            NegativePrompt = negative,
            Seed = Number("-S") ?? Number("--seed"),
            Width = Number("-W") ?? Number("--width"),
            Height = Number("-H") ?? Number("--height"),
            Steps = Number("-s") ?? Number("--steps"),
            Guidance = Number("-C") ?? Number("--cfg_scale"),
        };
        settings.Add("prompt", text);
        foreach (var (name, value) in switches)
            settings.Add(name, value);
        settings.Carry("prompt", "-S", "--seed", "-W", "--width", "-H", "--height", "-s", "--steps", "-C", "--cfg_scale");
        if (switches.ContainsKey("-I") || switches.ContainsKey("--init_img"))
            ToolNotes.FromPicture(settings);
        settings.NoteLeftOut();
        return settings;

        decimal? Number(string name) => switches.TryGetValue(name, out var value) ? ToolJson.Number(value) : null;
    }

    /// <summary>Takes what stands in square brackets, which is what a picture must not show, out of a prompt.</summary>
    public static (string? Prompt, string? Negative) Split(string? prompt)
    {
        if (prompt is null)
            return (null, null);
        var (kept, taken) = (new StringBuilder(), new List<string>());
        var at = 0;
        while (prompt.IndexOf('[', at) is >= 0 and var open && prompt.IndexOf(']', open) is > 0 and var close)
        {
            kept.Append(prompt, at, open - at);
            taken.Add(prompt[(open + 1)..close].Trim());
            at = close + 1;
        }
        return (kept.Append(prompt, at, prompt.Length - at).ToString().Trim(), taken.Count > 0 ? string.Join(", ", taken) : null);
    }

    /// <summary>The prompt stands in quotes; without them it reaches to the first switch.</summary>
    private static string PromptOf(string command, out int end)
    {
        if (!command.StartsWith('"'))
        {
            end = command.IndexOf(" -", StringComparison.Ordinal) is >= 0 and var first ? first : command.Length;
            return command[..end];
        }
        var prompt = new StringBuilder();
        for (end = 1; end < command.Length && command[end] != '"'; end++)
        {
            if (command[end] == '\\' && end + 1 < command.Length)
                end++;
            prompt.Append(command[end]);
        }
        end = Math.Min(end + 1, command.Length);
        return prompt.ToString();
    }

    /// <summary>A value follows its switch after a space or at once.</summary>
    private static Dictionary<string, string> SwitchesOf(string rest)
    {
        var switches = new Dictionary<string, string>();
        string? open = null;
        foreach (var word in rest.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (switches.Count >= MostSwitches)
                break;
            if (word.StartsWith("--", StringComparison.Ordinal))
                (open, switches[word]) = (word, "");
            else if (word.Length > 1 && word[0] == '-' && char.IsAsciiLetter(word[1]))
            {
                open = word[..2];
                switches[open] = word[2..].TrimStart('=');
            }
            else if (open is not null && switches[open].Length + word.Length <= LongestValue)
                switches[open] = $"{switches[open]} {word}".TrimStart();
        }
        return switches;
    }
}
