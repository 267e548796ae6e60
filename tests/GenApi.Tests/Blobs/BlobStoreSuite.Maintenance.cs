using GenApi.Core.Blobs;

namespace GenApi.Tests.Blobs;

public abstract partial class BlobStoreSuite
{
    [Fact]
    public async Task Bytes_in_quarantine_are_no_blob()
    {
        var key = await PutAsync(Bytes(100));

        Assert.True(await Maintenance.QuarantineAsync(key, Stop));

        Assert.False(await Maintenance.QuarantineAsync(key, Stop));
        Assert.Empty(await ListAsync());
        Assert.Null(await Store.OpenAsync(key, Stop));
        Assert.Empty(await Maintenance.ListLeftoversAsync(Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task A_receipt_leads_to_its_bytes_until_it_is_dropped()
    {
        var bytes = Bytes(1000);
        await using (var staged = await Store.StageAsync("run-0", Stop))
        {
            await staged.WriteAsync(bytes, Stop);
            await staged.CommitAsync(KeyOf(bytes), Stop);
        }

        await using (var found = await Receipts.OpenReceiptAsync("run-0", Stop))
        {
            var read = new byte[1000];
            await found!.ReadExactlyAsync(read, Stop);
            Assert.Equal(bytes, read);
        }
        Assert.Equal(["run-0"], await Receipts.ListReceiptsAsync(Stop));
        Assert.Empty(await Maintenance.ListLeftoversAsync(Stop).ToListAsync(Stop));
        await Receipts.DropReceiptAsync("run-0", Stop);
        await Receipts.DropReceiptAsync("run-0", Stop);
        Assert.Empty(await Receipts.ListReceiptsAsync(Stop));
        Assert.Null(await Receipts.OpenReceiptAsync("run-0", Stop));
    }

    [Fact]
    public async Task The_total_is_counted_once_and_then_kept_up_to_date()
    {
        Assert.True(await Maintenance.IsEmptyAsync(Stop));
        var key = await PutAsync(Bytes(100));
        Assert.Null(Maintenance.TotalBytes);
        await Maintenance.CountAsync(Stop);
        Assert.Equal(100, Maintenance.TotalBytes);

        await PutAsync(Bytes(30));
        await PutAsync(Bytes(30));
        await Store.DeleteAsync(key, Stop);

        Assert.Equal(30, Maintenance.TotalBytes);
        Assert.False(await Maintenance.IsEmptyAsync(Stop));
    }
}
