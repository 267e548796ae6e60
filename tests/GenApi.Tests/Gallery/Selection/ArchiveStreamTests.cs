using System.Net;
using System.Net.Http.Json;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Gallery.Selection;

/// <summary>An archive after its first byte: it arrives whole, or the connection breaks.</summary>
public sealed class ArchiveStreamTests
{
    /// <summary>Much more than the buffers of two sockets hold.</summary>
    private const int Files = 32, FileBytes = 1 << 20;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fault_after_the_first_byte_breaks_the_connection()
    {
        await using var app = await Keys.StartAsync(new() { ["Logging:LogLevel:Default"] = "None" });
        var (keyId, secret) = await app.MakeAsync("ann");
        var ann = Keys.Of(secret);
        (string What, Func<Answer, string, Task<int>> Do)[] faults =
        [
            ("an image is deleted", async (_, image) => (await app.DeleteAsync($"/images/{image}", ann)).Status),
            ("an image goes into the bin", async (_, image) => (await app.BinAsync([image], ann)).Status),
            ("its bytes are lost", async (made, _) =>
            {
                await app.Store.Blobs.DeleteAsync(Damage.KeyOf(made));
                return 200;
            }),
            ("its generation is deleted", async (made, _) => (await app.DeleteAsync($"/generations/{made.Id}", ann)).Status),
            ("the key is revoked", async (_, _) => (await app.DeleteAsync($"/accounts/keys/{keyId}", Keys.AsAdmin)).Status),
        ];
        foreach (var (at, (what, act)) in faults.Index())
        {
            var made = await app.GenerateAsync(Requests.Small(at + 1), ann);
            var last = made.ImageIds()[0];
            var ids = await app.AddFilesAsync(made.Id, Files, new byte[FileBytes]);
            using var answer = await BeginAsync(app, [.. ids, last], ann);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await using var body = await answer.Content.ReadAsStreamAsync(Ended);
            await body.ReadExactlyAsync(new byte[1_000], Ended);

            Assert.InRange(await act(made, last), 200, 204);

            var cut = await Record.ExceptionAsync(() => body.CopyToAsync(Stream.Null, Ended));
            Assert.True(cut is IOException, $"{what}: {cut}");
        }
    }

    [Fact]
    public async Task An_archive_larger_than_all_buffers_arrives_whole()
    {
        await using var app = await Keys.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin);
        var ids = await app.AddFilesAsync(made.Id, Files, new byte[FileBytes]);

        using var answer = await BeginAsync(app, ids, Keys.AsAdmin);
        await using var body = await answer.Content.ReadAsStreamAsync(Ended);
        var path = Path.Combine(app.Folder, "images.zip");
        await using (var file = File.Create(path))
            await body.CopyToAsync(file, Ended);

        Assert.Equal(answer.Content.Headers.ContentLength, new FileInfo(path).Length);
        using var zip = System.IO.Compression.ZipFile.OpenRead(path);
        Assert.Equal(Files + 1, zip.Entries.Count);
    }

    [Fact]
    public async Task A_caller_who_leaves_leaves_nothing_open()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Only Linux lists the open files of a process in /proc.");
        await using var app = await Keys.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin);
        var ids = await app.AddFilesAsync(made.Id, Files, new byte[4 * FileBytes]);

        using (var answer = await BeginAsync(app, ids, Keys.AsAdmin))
        {
            await using var body = await answer.Content.ReadAsStreamAsync(Ended);
            await body.ReadExactlyAsync(new byte[1_000], Ended);
            while (!OpenBlobs(app).Any())
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ended);
        }

        while (OpenBlobs(app).Any())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ended);
    }

    private static async Task<HttpResponseMessage> BeginAsync(GenApiApp app, IEnumerable<string> ids, (string Name, string Value) key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/images/archive") { Content = JsonContent.Create(new { ids }) };
        request.Headers.TryAddWithoutValidation(key.Name, key.Value);
        return await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ended);
    }

    private static IEnumerable<string> OpenBlobs(GenApiApp app) => Directory.GetFiles("/proc/self/fd")
        .Select(file => new FileInfo(file).LinkTarget ?? "")
        .Where(target => target.StartsWith(Path.Combine(app.DataDirectory, "blobs"), StringComparison.Ordinal));
}
