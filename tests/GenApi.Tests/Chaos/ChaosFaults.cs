using System.Text.Json.Nodes;

namespace GenApi.Tests.Chaos;

/// <summary>
/// Draws faults of the upstream. It omits the kinds that never end (a stuck run, an endless file): only their deadline ends them, and this
/// run has no time for it.
/// </summary>
internal static class ChaosFaults
{
    private static readonly string[] Kinds =
    [
        "create_throttled", "create_error", "create_html", "create_reset_before", "create_reset_after", "create_slow_before",
        "create_slow_after",
        "create_bad_json", "get_error", "get_reset", "get_throttled", "get_html", "get_not_found", "get_slow", "get_bad_json",
        "list_without_input",
        "list_error", "run_aborts", "run_fails", "run_refused", "run_empty", "run_data_uri", "run_nested", "run_held_starting",
        "run_held_processing",
        "run_early_output", "file_cut", "file_corrupt", "file_vanished", "file_unavailable", "file_slow", "file_chunked", "file_reset",
    ];

    /// <summary>Draws a fault for the sandbox's control, with a latency of up to 0.4 s if it holds something.</summary>
    public static JsonObject Draw(Random random)
    {
        var kind = Kinds[random.Next(Kinds.Length)];
        var fault =
            new JsonObject { ["kind"] = kind, ["times"] = random.Next(1, 4), ["delay_seconds"] = Math.Round(random.NextDouble() * 0.4, 3) };
        // A broken answer to a successful creation is the most dangerous fault.
        if (kind is "create_error" or "create_html")
            fault["accept"] = random.Next(2) == 0;
        return fault;
    }
}
