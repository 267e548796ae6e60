using GenApi.Core.Blobs;
using GenApi.Core.Blobs.Disk;
using GenApi.Core.Errors;

namespace GenApi.Tests.Blobs;

/// <summary>Tests a store against what happens to its folder, and what counts as a blob in it.</summary>
public sealed class StoreFolderTests : StoreFolder
{
    [Fact]
    public async Task A_first_start_makes_its_folders_and_a_power_cut_does_not_undo_them()
    {
        var files = new NamedCalls();
        var root = Path.Combine(Folder, "new");
        using var store = new FileBlobStore(root, files, Time);

        await store.PrepareAsync(Stop);

        Assert.Equal([$"make {root}", $"make {root}/tmp", $"flush {Folder}", $"flush {root}"], files.Calls);
        Assert.True(await store.IsEmptyAsync(Stop));
        await PutAsync(store, 1);
        Assert.False(await store.IsEmptyAsync(Stop));
    }

    [Fact]
    public async Task A_folder_of_an_earlier_start_is_not_made_again()
    {
        var key = await PutAsync(Store, 1);
        await Store.DeleteAsync(key, Stop);
        var next = await StartAsync();
        Files.Calls.Clear();

        await PutAsync(next, 1);

        Assert.Equal(["create", "write", "flush", "rename", "flush folder"], Files.Calls);
    }

    [Fact]
    public async Task A_folder_that_was_removed_from_outside_is_made_again_at_the_second_try()
    {
        var key = await PutAsync(Store, 1);
        Directory.Delete(Path.Combine(Folder, key[..2]), recursive: true);

        var failure = await Assert.ThrowsAsync<GenApiException>(() => PutAsync(Store, 1));
        await PutAsync(Store, 1);

        Assert.Equal((ErrorKind.StorageUnavailable, true), (failure.Kind, Store.Knows(key, 1) == true));
    }

    [Fact]
    public async Task A_blob_is_there_by_its_name_and_where_it_matters_by_its_length()
    {
        var key = await PutAsync(Store, 100);

        Assert.Equal(
            [true, true, false, false], new long?[] { null, 100, 99, 101 }.Select(length => Store.Knows(key, length)!.Value));
        Assert.False(Store.Knows(KeyOf(Bytes(101)), null));
        Assert.False(Store.Knows(KeyOf(Bytes(101)), 101));
        Assert.Equal(100, (await Store.FindAsync(key, Stop))!.Value.Length);
        Assert.Null(await Store.FindAsync(KeyOf(Bytes(101)), Stop));
    }

    [Fact]
    public async Task The_total_is_counted_once_and_kept_up_to_date()
    {
        var key = await PutAsync(Store, 100);
        Assert.Null(Store.TotalBytes);
        await PutAsync(Store, 30);

        await Store.CountAsync(Stop);
        Assert.Equal(130, Store.TotalBytes);
        await PutAsync(Store, 7);
        await PutAsync(Store, 7);
        Assert.Equal(137, Store.TotalBytes);
        Assert.True(await Store.DeleteAsync(key, Stop));
        Assert.False(await Store.DeleteAsync(key, Stop));
        Assert.Equal(37, Store.TotalBytes);
        await Store.CountAsync(Stop);
        Assert.Equal(37, Store.TotalBytes);
    }

    [Fact]
    public async Task Whatever_lies_in_the_folder_and_is_no_blob_is_listed_as_a_leftover()
    {
        var key = await PutAsync(Store, 100);
        var other = KeyOf(Bytes(30));
        await PutAsync(Store, 100, "run-0");
        await PutAsync(Store, 50);
        await Store.QuarantineAsync(KeyOf(Bytes(50)), Stop);
        string[] strange =
        [
            "notes.txt", "tmp/note", $"{key[..2]}/half.part", $"{key[..2]}/{key[..63]}", $"{key[..2]}/lost.kept",
            $"abc/{key}", $"zz/{key}", $"{key[..2].ToUpperInvariant()}x/{key}", $"{key[..2]}/deep/{key}",
        ];
        // The bytes of another key, in the wrong folder.
        strange = [.. strange, $"{(other[..2] == "00" ? "01" : "00")}/{other}"];
        foreach (var name in strange.Append("tmp/half.part"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, name))!);
            await File.WriteAllTextAsync(Path.Combine(Folder, name), "x", Stop);
        }

        var leftovers = await Store.ListLeftoversAsync(Stop).ToListAsync(Stop);
        var blobs = await Store.ListAsync(Stop).ToListAsync(Stop);

        Assert.Equal(strange.Append("tmp/half.part").Order(), leftovers.Select(each => each.Name.Replace('\\', '/')).Order());
        Assert.Equal("tmp/half.part", Assert.Single(leftovers, each => each.IsHalfWritten).Name.Replace('\\', '/'));
        Assert.Equal((key, 100L), (Assert.Single(blobs).Key, blobs[0].Length));
    }

    [Fact]
    public async Task Only_what_was_not_touched_since_then_is_abandoned()
    {
        var before = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (var (name, seconds) in new[] { ("old.part", -1), ("old.kept", -1), ("now.part", 0), ("new.kept", 1), ("old.txt", -1) })
        {
            var path = Path.Combine(Folder, "tmp", name);
            await File.WriteAllTextAsync(path, "x", Stop);
            File.SetLastWriteTimeUtc(path, before.AddSeconds(seconds).UtcDateTime);
        }

        Assert.Equal(2, await Store.RemoveAbandonedAsync(before, Stop));

        Assert.Equal(
            ["new.kept", "now.part", "old.txt"],
            Directory.GetFiles(Path.Combine(Folder, "tmp")).Select(path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public async Task Bytes_that_are_there_already_get_the_receipt_too()
    {
        var key = await PutAsync(Store, 100);

        Assert.Equal(key, await PutAsync(Store, 100, "run-0"));

        await using var found = await Store.OpenReceiptAsync("run-0", Stop);
        Assert.Equal(100, found!.Length);
        Assert.Equal(["run-0"], await Store.ListReceiptsAsync(Stop));
    }

    [Fact]
    public async Task Another_folder_in_its_place_is_not_the_store()
    {
        var key = await PutAsync(Store, 1);
        Directory.Move(Folder, Folder + ".away");
        Directory.CreateDirectory(Path.Combine(Folder, "tmp"));
        try
        {
            Assert.NotNull(Store.Fault);
            await Assert.ThrowsAsync<GenApiException>(async () => await Store.OpenAsync(key, Stop));
        }
        finally
        {
            Directory.Delete(Folder, recursive: true);
            Directory.Move(Folder + ".away", Folder);
        }
        using var content = await Store.OpenAsync(key, Stop);
        Assert.NotNull(content);
    }

    private sealed class NamedCalls : DurableFiles
    {
        public List<string> Calls { get; } = [];

        public override void CreateFolder(string path)
        {
            Calls.Add($"make {path}");
            base.CreateFolder(path);
        }

        public override void FlushFolder(string path)
        {
            Calls.Add($"flush {path}");
            base.FlushFolder(path);
        }
    }
}
