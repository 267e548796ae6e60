using System.Globalization;

namespace GenApi.Tests.Fuzz;

/// <summary>How much is sent.</summary>
/// <param name="Seed">Draws every request; printed when one is answered badly, so that the same can be drawn again.</param>
/// <param name="Requests">How many.</param>
internal sealed record FuzzPlan(int Seed, int Requests)
{
    /// <summary>What a run of all tests can bear, at 2.5 ms of processor time for each in a Debug build; every run draws others.</summary>
    private const int ByDefault = 3_000;

    public static FuzzPlan FromEnvironment() => new(Read("FUZZ_SEED") ?? Random.Shared.Next(1, int.MaxValue), Read("FUZZ_REQUESTS") ?? ByDefault);

    /// <summary>Each request has a source of its own, so that it does not depend on the order in which they are sent.</summary>
    public Random Of(int request) => new(unchecked((Seed * 397) ^ (request * 7919)));

    private static int? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;
}
