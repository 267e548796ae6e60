using System.Diagnostics;

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
