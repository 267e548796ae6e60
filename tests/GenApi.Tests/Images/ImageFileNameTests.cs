using GenApi.Core.Images;

namespace GenApi.Tests.Images;

public sealed class ImageFileNameTests
{
    [Theory]
    [InlineData("an astronaut riding a horse", 42L, "an-astronaut-riding-a-horse-42")]
    [InlineData("  An \"Astronaut\", riding/../a\\horse!\r\n", 1L, "an-astronaut-riding-a-horse-1")]
    [InlineData("ein Bär", null, "ein-bär")]
    [InlineData("", 7L, "image-7")]
    [InlineData(null, null, "image")]
    [InlineData("😀 🎉", 7L, "image-7")]
    [InlineData("猫が座っている", 3L, "猫が座っている-3")]
    public void Words_and_seed_make_the_name(string? prompt, long? seed, string expected) =>
        Assert.Equal(expected, ImageFileName.Of(prompt, seed));

    [Fact]
    public void A_long_prompt_ends_with_a_whole_word()
    {
        var name = ImageFileName.Of(string.Join(' ', Enumerable.Repeat("mountain", 50)), long.MaxValue);

        Assert.EndsWith($"-mountain-{long.MaxValue}", name, StringComparison.Ordinal);
        Assert.True(name.Length <= ImageFileName.Longest);
    }

    [Fact]
    public void A_single_endless_word_is_cut_between_two_letters()
    {
        var name = ImageFileName.Of(string.Concat(Enumerable.Repeat("a𠀀", 100)), 1);

        Assert.True(name.Length <= ImageFileName.Longest);
        Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(name)));
    }
}
