using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using GenApi.Bench.Code;

// Runs in this process: the project that BenchmarkDotNet generates for another process ignores central package versions and lock files.
var config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(6).WithIterationCount(15))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "genapi-bench-code"));
BenchmarkSwitcher.FromTypes([typeof(InputCheckBenchmarks)]).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
