using System.Globalization;

namespace GenApi.Tests.Chaos;

/// <summary>
/// The size of a storm. The short form is part of the tests; <c>bench/chaos.sh</c> sets the long form in the environment.
/// </summary>
/// <param name="Seed">Draws every fault, latency and moment of a kill. It is printed, so that a run can be repeated with the same
/// draws.</param>
/// <param name="Kills">The number of kills with SIGKILL.</param>
/// <param name="Generations">The number of requests that each demand a separate picture.</param>
/// <param name="Freezes">The number of instances that are frozen for a while, often beyond their lease; only several instances are.</param>
internal sealed record ChaosPlan(int Seed, int Kills, int Generations, int Freezes = 0)
{
    /// <summary>Whether the upstream shows the marks of creations; see the sandbox's setting of this name.</summary>
    public bool ShowsDeadlines => Seed % 2 == 0;

    /// <summary>The number of requests, including those that share answers.</summary>
    public int Requests => Generations * ChaosRequests.Sharing / (ChaosRequests.Sharing - 1);

    /// <summary>The number of requests released before each kill, so that every kill meets work in flight.</summary>
    public int PerRound => (Requests + Kills + Freezes - 1) / (Kills + Freezes);

    public static ChaosPlan FromEnvironment() => new(
        Read("CHAOS_SEED") ?? Random.Shared.Next(1, int.MaxValue), Read("CHAOS_KILLS") ?? 10, Read("CHAOS_GENERATIONS") ?? 100);

    /// <summary>The storm over several instances. <c>bench/chaos.sh cluster</c> sets its long form.</summary>
    public static ChaosPlan OfInstances() => new(
        Read("CHAOS_SEED") ?? Random.Shared.Next(1, int.MaxValue), Read("CHAOS_KILLS") ?? 2, Read("CHAOS_GENERATIONS") ?? 60,
        Read("CHAOS_FREEZES") ?? 2);

    private static int? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : null;
}
