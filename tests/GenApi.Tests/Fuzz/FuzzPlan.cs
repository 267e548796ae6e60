using System.Globalization;

namespace GenApi.Tests.Fuzz;

/// <summary>The size of a run.</summary>
/// <param name="Seed">Draws every request. It is printed on a bad answer, so that the run can be repeated.</param>
/// <param name="Requests">The number of requests.</param>
internal sealed record FuzzPlan(int Seed, int Requests)
{
    /// <summary>
    /// The number that a run of all tests can afford, at 2.5 ms of processor time each in a Debug build. Every run draws others.
    /// </summary>
    private const int ByDefault = 3_000;

    public static FuzzPlan FromEnvironment() =>
        new(Read("FUZZ_SEED") ?? Random.Shared.Next(1, int.MaxValue), Read("FUZZ_REQUESTS") ?? ByDefault);

    /// <summary>Returns a separate random source for each request, independent of the order of sending.</summary>
    public Random Of(int request) => new(unchecked((Seed * 397) ^ (request * 7919)));

    private static int? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : null;
}
