using GenApi.Core.Persistence;

namespace GenApi.Tests.Persistence;

public sealed class PublicIdTests
{
    [Fact]
    public void An_id_comes_back_from_its_text_and_sorts_by_time()
    {
        var earlier = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000));
        var later = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_001));
        var text = PublicId.Format(PublicId.Generation, earlier);

        Assert.True(PublicId.TryParse(PublicId.Generation, text, out var parsed));
        Assert.Equal(earlier, parsed);
        Assert.Matches("^gen_[0-9a-hjkmnp-tv-z]{26}$", text);
        Assert.True(string.CompareOrdinal(text, PublicId.Format(PublicId.Generation, later)) < 0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("gen_")]
    [InlineData("img_01m85ddk45e5ht53ycskx1qe74")]
    [InlineData("gen_81m85ddk45e5ht53ycskx1qe74")]
    [InlineData("gen_01M85DDK45E5HT53YCSKX1QE74")]
    [InlineData("gen_01m85ddk45e5ht53ycskx1qe7u")]
    [InlineData("gen_01m85ddk45e5ht53ycskx1qe744")]
    public void What_is_no_id_is_refused(string? text) => Assert.False(PublicId.TryParse(PublicId.Generation, text, out _));
}
