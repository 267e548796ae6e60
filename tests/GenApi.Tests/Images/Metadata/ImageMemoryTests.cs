using GenApi.Core.Errors;
using GenApi.Core.Images.Metadata;

namespace GenApi.Tests.Images.Metadata;

/// <summary>The memory of images that are held whole is limited, and given back.</summary>
public sealed class ImageMemoryTests
{
    [Fact]
    public void A_copy_is_refused_while_others_hold_the_memory_and_every_end_gives_it_back()
    {
        var memory = new ImageMemory();
        var copies = new EmbeddedCopies(memory);
        var image = Pictures.Png();

        using (memory.Reserve(ImageMemory.MostHeld))
        {
            var refused = Assert.Throws<GenApiException>(() => copies.Make(image, Copies.Settings("a fox")));
            Assert.Equal((ErrorKind.Overloaded, true), (refused.Kind, refused.IsTransient));
            Assert.NotNull(refused.RetryAfter);
        }
        Assert.Throws<GenApiException>(() => copies.Make(new byte[100], Copies.Settings("a fox")));
        using (var copy = copies.Make(image, Copies.Settings("a fox")))
        {
            // A copy counts with its own length for as long as it is read.
            Assert.Throws<GenApiException>(() => memory.Reserve(ImageMemory.MostHeld - copy.Bytes.Length + 1));
            memory.Reserve(ImageMemory.MostHeld - copy.Bytes.Length).Dispose();
        }
        memory.Reserve(ImageMemory.MostHeld).Dispose();
    }
}
