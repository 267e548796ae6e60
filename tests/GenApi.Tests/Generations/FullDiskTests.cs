using System.Diagnostics;
using GenApi.Tests.Upkeep;

namespace GenApi.Tests.Generations;

/// <summary>A real file system with no room on it: the blobs on a small tmpfs.</summary>
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
    /// Database, log and images on one small disk that is filled but for so many pages, from none on, until a generation finds room for all of
    /// it: so the disk is full once at each of its writes, the database's among them.
    /// </summary>
    [Fact]
    public async Task Wherever_the_disk_is_full_nothing_is_lost_and_nothing_is_made_twice()
    {
        const int page = 4096, step = 3 * page;
        var folder = Directory.CreateTempSubdirectory("genapi-full-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder) != 0)
        {
            Directory.Delete(folder);
            Assert.Skip("mount needs root here, so there is no small disk to fill.");
        }
        try
        {
            await using var app = await GenApiApp.StartAsync(new() { ["DataDirectory"] = folder, ["Blobs:Folder"] = Path.Combine(folder, "blobs") });
            await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
            var filler = Path.Combine(folder, "filler");
            var (made, refused, late) = (1, 0, 0);
            for (var room = 0; room == 0 || refused + late > 0; room += step)
            {
                (refused, late) = (0, 0);
                await FillAsync(filler);
                await using (var file = File.OpenWrite(filler))
                    file.SetLength(file.Length - room);

                var answer = await app.GenerateAsync(Requests.Small(++made), ("Prefer", "wait=1"));
                File.Delete(filler);

                // Either nothing was taken on, and nothing was sent; or it is an unfinished generation that heals; or there was room.
                var id = answer.Status is 200 or 202 ? answer.Id : answer.Json.TryGetProperty("generation_id", out var known) ? known.GetString() : null;
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
            }
            Assert.True(made > 3, "The disk was never full.");
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
