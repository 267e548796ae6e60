using System.Globalization;

namespace GenApi.Tests.Chaos;

/// <summary>
/// How much is done to the service. The short form is a part of the tests; <c>bench/chaos.sh</c> sets the long form in the environment.
/// </summary>
/// <param name="Seed">Draws every fault, latency and moment of a kill; printed, so that a run can be repeated with the same draws.</param>
/// <param name="Kills">How often the process is killed with SIGKILL.</param>
/// <param name="Generations">Requests that each ask for a picture of their own.</param>
internal sealed record ChaosPlan(int Seed, int Kills, int Generations)
{
    /// <summary>Whether the upstream shows the marks that creations have; see the sandbox's setting of this name.</summary>
    public bool ShowsDeadlines => Seed % 2 == 0;

    /// <summary>Requests sent, with those that share the answers of others.</summary>
    public int Requests => Generations * ChaosRequests.Sharing / (ChaosRequests.Sharing - 1);

    /// <summary>Requests are let out in even portions, one before each kill, so that every kill meets work in flight.</summary>
    public int PerRound => (Requests + Kills - 1) / Kills;

    public static ChaosPlan FromEnvironment() => new(
        Read("CHAOS_SEED") ?? Random.Shared.Next(1, int.MaxValue), Read("CHAOS_KILLS") ?? 30, Read("CHAOS_GENERATIONS") ?? 300);

    private static int? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;
}
