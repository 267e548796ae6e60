using System.Security.Cryptography;
using GenApi.Core.Blobs;
using GenApi.Tests.Blobs;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Generations;

/// <summary>
/// Makes the disk fail at the k-th call of one generation, for every k until a generation passes without a failure. Whichever call fails,
/// no half-written file is ever seen, nothing is made twice, and the generation succeeds as soon as the disk works.
/// </summary>
[OnlyOnSqlite]
[OnlyOnDisk]
public sealed class DiskFaultTests
{
    private static readonly string[] Calls = ["create", "write", "flush", "create folder", "rename", "flush folder", "delete"];

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static TheoryData<int, bool> Faults => new()
    {
        // errno: EIO, ENOSPC, EDQUOT; whether it lasts
        { 5, false },
        { 5, true },
        { 28, false },
        { 28, true },
        { 122, true },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whichever_call_fails_the_generation_ends_whole_and_was_made_once(int error, bool lasts)
    {
        var files = new FailingFiles();
        await using var app = await GenApiApp.StartAsync(services: services => services.AddSingleton<DurableFiles>(files));
        var ids = new List<string>();
        foreach (var call in Calls)
        {
            var tried = 0;
            do
            {
                files.Fail(call, new IOException("It failed.", error), ++tried, lasts);
                ids.Add(await MakeAsync(app, files, seed: ids.Count + 1, lasts));
                AssertNothingTorn(app);
                Assert.Equal(ids.Count, app.Sandbox.Stats.Creations);
            }
            while (files.Hits > 0);
            files.Heal();
            // "delete" is called only for an abandoned file, which a single failure does not make.
            Assert.True(tried > 1 || call == "delete", $"No {call} belongs to a generation.");
        }

        await app.StopAsync();
        await app.StartAgainAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(app.DataDirectory, "blobs", "tmp")));
        foreach (var id in ids)
            await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{id}"));
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Theory]
    [InlineData(28, 507, "storage_full")]
    [InlineData(5, 200, null)]
    public async Task Who_waits_is_told_of_a_full_disk_at_once_and_waits_for_a_broken_one_to_heal(int error, int status, string? code)
    {
        var files = new FailingFiles();
        await using var app = await GenApiApp.StartAsync(services: services => services.AddSingleton<DurableFiles>(files));
        files.Fail("write", new IOException("It failed.", error), lasts: true);
        var waiting = app.GenerateAsync(Requests.Small(1));
        while (files.Hits < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ended);
        if (status == 200)
            files.Heal();

        var answer = await waiting;

        Assert.Equal((status, code), (answer.Status, status == 200 ? null : answer.Code));
        files.Heal();
        await Requests.AssertWholeAsync(
            app, await Requests.EndedAsync(app, status == 200 ? answer.Id : answer["generation_id"].GetString()!));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_database_that_another_process_locks_is_told_within_seconds_and_heals()
    {
        await using var app = await GenApiApp.StartAsync();
        var known = await app.GenerateAsync(Requests.Small(1));
        await using (var connection = new SqliteConnection($"Data Source={Damage.Database(app)};Pooling=False"))
        {
            await connection.OpenAsync(Ended);
            await using var begin = connection.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            await begin.ExecuteNonQueryAsync(Ended);
            var began = TimeProvider.System.GetTimestamp();

            var refused = await app.GenerateAsync(Requests.Small(2));

            Assert.Equal((503, "storage_unavailable"), (refused.Status, refused.Code));
            Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 4, 20);
            // Requests that write nothing still work.
            Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
            await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{known.Id}"));
            Assert.Equal(1, app.Sandbox.Stats.CreationAttempts);
        }

        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(2)));
        Assert.Equal(200, (await app.GetAsync("/health/ready")).Status);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    private static async Task<string> MakeAsync(GenApiApp app, FailingFiles files, int seed, bool lasts)
    {
        var accepted = await app.GenerateAsync(Requests.Small(seed), ("Prefer", "respond-async"));
        Assert.Equal(202, accepted.Status);
        if (lasts)
        {
            // Wait until it has failed again on the second try, or has ended without meeting the fault.
            while (files.Hits < 2 && (await app.GetAsync($"/generations/{accepted.Id}")).State != "succeeded")
                await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, Ended);
            files.Heal();
        }
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, accepted.Id));
        return accepted.Id;
    }

    /// <summary>Checks that every file with a name in the store has all of its bytes.</summary>
    private static void AssertNothingTorn(GenApiApp app)
    {
        foreach (var path in Directory.GetFiles(Path.Combine(app.DataDirectory, "blobs"), "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(Path.GetDirectoryName(path)) != "tmp")
                Assert.Equal(Path.GetFileName(path), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));
        }
    }
}
