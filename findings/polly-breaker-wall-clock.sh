#!/usr/bin/env bash
# Polly.Core 8.6.5 (NuGet) on .NET 10: when a circuit breaker closes again depends on the wall clock, also where a TimeProvider is given.
#
# Good guess: with a TimeProvider, the break of 30 s is measured by its timestamps, as Task.Delay and TimeProvider.CreateTimer are; a clock that is set
# changes nothing.
# Seen: the end of the break is a time of day (GetUtcNow() + break) and is compared with GetUtcNow() at each call. With the wall clock set back by two
# hours during a break, the circuit is still open an hour later by the monotonic clock; set forward by an hour, it is half-open at once.
# So a breaker needs a TimeProvider whose GetUtcNow() nobody can set.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > clock.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="Polly.Core" Version="[8.6.5]" /></ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using Polly;
using Polly.CircuitBreaker;

foreach (var (name, step, later) in new[] { ("not set, 31 s later", 0, 31), ("set back 2 h, 1 h later", -7200, 3600), ("set forward 1 h, at once", 3600, 0) })
{
    var clock = new Clock();
    var breaker = new ResiliencePipelineBuilder { TimeProvider = clock }.AddCircuitBreaker(new CircuitBreakerStrategyOptions
    {
        FailureRatio = 0.5, MinimumThroughput = 2, SamplingDuration = TimeSpan.FromSeconds(10), BreakDuration = TimeSpan.FromSeconds(30),
    }).Build();
    for (var failure = 0; failure < 2; failure++)
    {
        try { breaker.Execute(() => throw new InvalidOperationException()); } catch (InvalidOperationException) { }
    }
    clock.Wall += TimeSpan.FromSeconds(step);
    clock.Pass(TimeSpan.FromSeconds(later));
    try { breaker.Execute(() => { }); Console.WriteLine($"{name}: a call passes"); }
    catch (BrokenCircuitException) { Console.WriteLine($"{name}: still open"); }
}

sealed class Clock : TimeProvider
{
    private long _ticks;
    public DateTimeOffset Wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public void Pass(TimeSpan span) { _ticks += span.Ticks; Wall += span; }
    public override DateTimeOffset GetUtcNow() => Wall;
    public override long GetTimestamp() => _ticks;
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
}
CS
dotnet run --nologo -v quiet 2>&1 | tee seen
diff seen - <<'TXT'
not set, 31 s later: a call passes
set back 2 h, 1 h later: still open
set forward 1 h, at once: a call passes
TXT
