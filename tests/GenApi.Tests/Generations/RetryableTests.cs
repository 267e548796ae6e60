using System.Text.RegularExpressions;
using GenApi.Core.Errors;
using GenApi.Generations;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Generations;

/// <summary>Tests whether a failed generation says that another try is worthwhile.</summary>
public sealed partial class RetryableTests
{
    [Fact]
    public void The_page_tells_of_each_code_what_the_code_says()
    {
        var section = File.ReadAllText(Repository.PathOf("docs/api/problems.md")).Split("\n## Failed generations\n")[1];
        var told = Row().Matches(section).SelectMany(row => Word().Matches(row.Groups[1].Value)
            .Select(word => (Code: word.Groups[1].Value, Retryable: row.Groups[2].Value == "true"))).ToList();

        Assert.Equal(15, told.Count);
        Assert.All(
            told, row => Assert.Equal((ErrorCodes.Find(row.Code) is not null, RetryableErrors.Includes(row.Code)), (true, row.Retryable)));
        Assert.All(
            Enum.GetValues<ErrorKind>().Where(RetryableErrors.Includes),
            kind => Assert.Contains(told, row => row.Code == ErrorCodes.Of(kind)));
    }

    [Fact]
    public async Task A_file_that_is_too_large_would_be_so_again()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Replicate:MaxOutputBytes"] = "100" });

        var made = await app.GenerateAsync(Requests.Small(1));

        Assert.Equal((502, "unusable_output"), (made.Status, made.Code));
        var failed = await app.GetAsync($"/generations/{made["generation_id"].GetString()}");
        Assert.False(failed["error", "retryable"].GetBoolean());
        Assert.Equal(1, app.Sandbox.Stats.Downloads);
    }

    [Fact]
    public async Task A_file_that_is_gone_may_be_there_after_the_next_run()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.FileVanished);

        var made = await app.GenerateAsync(Requests.Small(1));

        Assert.Equal("download_failed", made.Code);
        Assert.True((await app.GetAsync($"/generations/{made["generation_id"].GetString()}"))["error", "retryable"].GetBoolean());
    }

    [GeneratedRegex(@"^\| (`[^|]*) \| (true|false) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Word();
}
