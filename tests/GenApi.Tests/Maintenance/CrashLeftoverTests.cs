using GenApi.Tests.Generations;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Maintenance;

/// <summary>The leftovers of a crash that the service removes by itself: fsck lists them, but not as problems.</summary>
[OnlyOnSqlite]
[OnlyOnDisk]
public sealed class CrashLeftoverTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_crash_leaves_is_no_problem_and_stands_in_a_section_of_its_own()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        await app.StopAsync();
        var orphan = Damage.PathOf(app, new string('a', 64));
        Directory.CreateDirectory(Path.GetDirectoryName(orphan)!);
        await File.WriteAllTextAsync(orphan, "nobody's", Ended);
        await File.WriteAllTextAsync(Path.Combine(app.DataDirectory, "blobs", "tmp", "0123.part"), "hal", Ended);

        var (exitCode, output, _) = await app.VerbAsync("fsck");

        Assert.Equal(0, exitCode);
        Assert.Contains("The service repairs these by itself; they are not problems:\n  blob_orphan: ", output, StringComparison.Ordinal);
        Assert.Contains("\n  half_written: ", output, StringComparison.Ordinal);
        Assert.EndsWith("Sound.\n", output, StringComparison.Ordinal);
        var report = (await Damage.FsckAsync(app)).Report;
        Assert.True(report.GetProperty("sound").GetBoolean());
        Assert.All(report.GetProperty("findings").EnumerateArray(),
            each => Assert.Equal("self_mending", each.GetProperty("weight").GetString()));
    }
}
