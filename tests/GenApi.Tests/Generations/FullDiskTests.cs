using System.Diagnostics;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using GenApi.Tests.Uploads;

namespace GenApi.Tests.Generations;

/// <summary>Tests a real file system without room: the blobs are on a small tmpfs.</summary>
[OnlyOnSqlite]
[OnlyOnDisk]
public sealed class FullDiskTests
{
    [Fact]
    public async Task A_full_disk_is_told_and_heals_when_there_is_room()
    {
        var folder = Directory.CreateTempSubdirectory("genapi-full-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder) != 0)
        {
            Directory.Delete(folder);
            Assert.Skip("mount needs root here, so there is no small disk to fill.");
        }
        try
        {
            await using var app = await GenApiApp.StartAsync(new() { ["Blobs:Folder"] = folder });
            await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
            var filler = Path.Combine(folder, "filler");
            await FillAsync(filler);

            var full = await app.GenerateAsync(Requests.Small(2));

            Assert.Equal((507, "storage_full"), (full.Status, full.Code));
            var id = full["generation_id"].GetString()!;
            Assert.Equal("storing", (await app.GetAsync($"/generations/{id}")).State);
            File.Delete(filler);
            await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
            Assert.Equal(2, app.Sandbox.Stats.Creations);
        }
        finally
        {
            await RunAsync("umount", folder);
            Directory.Delete(folder);
        }
    }

    /// <summary>
    /// Puts database, log and images on one small disk, and leaves ever more pages free, beginning with none, until a generation finds
    /// room. So the disk is full once at each of its writes, including the database's.
    /// </summary>
    [Fact]
    public async Task Wherever_the_disk_is_full_nothing_is_lost_and_nothing_is_made_twice()
    {
        const int page = 4096, step = 3 * page, leastRoom = 8 * step;
        var folder = Directory.CreateTempSubdirectory("genapi-full-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder) != 0)
        {
            Directory.Delete(folder);
            Assert.Skip("mount needs root here, so there is no small disk to fill.");
        }
        try
        {
            await using var app = await GenApiApp.StartAsync(
                new() { ["DataDirectory"] = folder, ["Blobs:Folder"] = Path.Combine(folder, "blobs") });
            await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
            var filler = Path.Combine(folder, "filler");
            var (made, refused, late, full) = (1, 0, 0, 0);
            // A few sizes in any case: what the service deletes meanwhile may make room for one generation.
            for (var room = 0; room < leastRoom || refused + late > 0; room += step)
            {
                (refused, late) = (0, 0);
                await FillAsync(filler);
                await using (var file = File.OpenWrite(filler))
                    file.SetLength(file.Length - room);

                var answer = await app.GenerateAsync(Requests.Small(++made), ("Prefer", "wait=1"));
                File.Delete(filler);

                // Either nothing was accepted or sent, or an unfinished generation recovers, or there was room.
                var id = answer.Status is 200 or 202 ? answer.Id
                    : answer.Json.TryGetProperty("generation_id", out var known) ? known.GetString() : null;
                if (id is null)
                {
                    refused++;
                    Assert.True(answer.Status is 507 or 503, answer.Text);
                    Assert.Equal(made - 1, app.Sandbox.Stats.Creations);
                    id = (await app.GenerateAsync(Requests.Small(made))).Id;
                }
                else if (answer.Status != 200)
                    late++;
                await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
                Assert.Equal(made, app.Sandbox.Stats.Creations);
                full += refused + late;
            }
            Assert.True(full > 2, $"The disk was full only {full} times.");
            await app.StopAsync();
            await Damage.AssertSoundAsync(app);
            await app.StartAgainAsync();
            Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(2))).Header("Cache-Status"));
        }
        finally
        {
            await RunAsync("umount", folder);
            Directory.Delete(folder);
        }
    }

    /// <summary>
    /// The disk is full to the last byte, and the process is killed and started again. It serves what is there, refuses new work and
    /// deletes, and with room everything goes on.
    /// </summary>
    [Fact]
    public async Task A_start_on_a_full_disk_serves_and_heals_and_a_deletion_makes_room()
    {
        var folder = Directory.CreateTempSubdirectory("genapi-full-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder) != 0)
        {
            Directory.Delete(folder);
            Assert.Skip("mount needs root here, so there is no small disk to fill.");
        }
        try
        {
            await using var app = await GenApiApp.StartProcessAsync(
                new() { ["DataDirectory"] = folder, ["Blobs:Folder"] = Path.Combine(folder, "blobs") });
            var kept = await app.GenerateAsync(Requests.Small(1));
            var gone = await app.GenerateAsync(Requests.Small(2));
            await Requests.AssertWholeAsync(app, gone);
            var filler = Path.Combine(folder, "filler");
            await FillAsync(filler);
            await app.KillAsync();
            await FillAsync(filler + ".2");

            await app.StartAgainAsync();

            await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{kept.Id}"));
            var refused = await app.GenerateAsync(Requests.Small(3));
            Assert.Equal((507, "storage_full"), (refused.Status, refused.Code));
            Assert.Equal(2, app.Sandbox.Stats.CreationAttempts);
            Assert.Equal(204, (await app.DeleteAsync($"/generations/{gone.Id}")).Status);
            Assert.False(File.Exists(Path.Combine(folder, "blobs", Damage.KeyOf(gone)[..2], Damage.KeyOf(gone))));
            // The reserve that the deletion used is not for new work.
            refused = await app.GenerateAsync(Requests.Small(3));
            Assert.Equal((507, "storage_full"), (refused.Status, refused.Code));

            File.Delete(filler);
            File.Delete(filler + ".2");
            await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, TestContext.Current.CancellationToken);
            await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(3)));
            Assert.Equal(200, (await app.GetAsync("/health/ready")).Status);
            await app.StopAsync();
            await Damage.AssertSoundAsync(app);
        }
        finally
        {
            await RunAsync("umount", folder);
            Directory.Delete(folder);
        }
    }

    /// <summary>The disk of the database, which is also that of the images, becomes full while the service runs.</summary>
    [Fact]
    public async Task Everything_that_makes_room_works_on_a_full_disk()
    {
        var folder = Directory.CreateTempSubdirectory("genapi-full-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder) != 0)
        {
            Directory.Delete(folder);
            Assert.Skip("mount needs root here, so there is no small disk to fill.");
        }
        try
        {
            await using var app = await GenApiApp.StartAsync(
                new() { ["DataDirectory"] = folder, ["Blobs:Folder"] = Path.Combine(folder, "blobs") });
            var filler = Path.Combine(folder, "filler");
            for (var seed = 1; seed <= 2; seed++)
            {
                var made = await app.GenerateAsync(Requests.Small(seed));
                var upload = await app.UploadAsync(Images.Pictures.Png(23 + seed, 24));
                var path = seed switch { 1 => made.ImageUrl().AbsolutePath, _ => $"/uploads/{upload.Id}" };
                await FillAsync(filler);

                Assert.Equal(204, (await app.DeleteAsync(path)).Status);

                File.Delete(filler);
                await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, TestContext.Current.CancellationToken);
                Assert.Equal(404, (await app.GetAsync(path)).Status);
            }
            await app.StopAsync();
            await Damage.AssertSoundAsync(app);
        }
        finally
        {
            await RunAsync("umount", folder);
            Directory.Delete(folder);
        }
    }

    private static async Task FillAsync(string path)
    {
        await using var filler = File.Create(path);
        var piece = new byte[4096];
        try
        {
            while (true)
            {
                await filler.WriteAsync(piece, TestContext.Current.CancellationToken);
                await filler.FlushAsync(TestContext.Current.CancellationToken);
            }
        }
        catch (IOException)
        {
            // Now it is full.
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
