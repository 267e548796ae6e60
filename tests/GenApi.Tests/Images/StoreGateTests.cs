using GenApi.Core.Errors;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence.Files;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Images;

/// <summary>Tests that nothing is accepted while a part of the store is missing, and that it heals by itself.</summary>
[OnlyOnSqlite]
[OnlyOnDisk]
public sealed class StoreGateTests(CoreRig rig) : IClassFixture<CoreRig>
{
    private readonly StoreGate _gate = rig.Get<StoreGate>();

    [Theory]
    [InlineData("genapi.db", "database")]
    [InlineData("blobs", "image store")]
    public void Without_a_part_of_the_store_nothing_is_accepted(string part, string word)
    {
        Assert.Null(_gate.Fault);
        var path = Path.Combine(rig.DataDirectory, part);
        Directory.Move(path, path + ".away");
        GenApiException? fault;
        try
        {
            fault = _gate.Fault;
            Assert.Throws<GenApiException>(_gate.Require);
        }
        finally
        {
            Directory.Move(path + ".away", path);
        }

        Assert.Equal((ErrorKind.StorageUnavailable, true), (fault?.Kind, fault?.IsTransient));
        Assert.Contains(word, fault!.Message, StringComparison.Ordinal);
        Assert.Null(_gate.Fault);
        _gate.Require();
    }

    [Fact]
    public void Without_the_reserve_for_deletions_nothing_is_accepted_until_it_is_back()
    {
        Assert.Null(_gate.Fault);
        Assert.True(rig.Get<DiskReserve>().Release());

        var fault = _gate.Fault;

        Assert.Equal((ErrorKind.StorageFull, true), (fault?.Kind, fault?.IsTransient));
        Assert.Throws<GenApiException>(_gate.Require);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_gate.Fault);
        _gate.Require();
    }
}
