using GenApi.Core.Errors;
using GenApi.Core.Images.Containers;
using GenApi.Core.Images.Metadata;

namespace GenApi.Tests.Images.Metadata;

/// <summary>Small files with a few wrong bytes: the readers and writers either manage or refuse by kind, quickly.</summary>
public sealed class ContainerFuzzTests
{
    // A seed of its own for each format: a failure names it and the round, and is there again in the next run.
    private const int Rounds = 800;

    [Theory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("webp")]
    [InlineData("avif")]
    public void Damage_is_refused_by_kind_and_never_fails_otherwise(string extension)
    {
        var signed = Copies.Signed(extension);
        byte[][] sources = [signed, SettingsWriter.Embed(signed, Copies.Settings("ein Füchslein"))];
        var random = new Random(16);
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var damaged = Damaged(sources[round % sources.Length], random);
            try
            {
                var copy = SettingsWriter.Embed(damaged, Copies.Settings("a fox"));
                // What was written can be read, and grew by no more than what was added.
                Assert.Equal(0, ImageContainer.Read(copy).ManifestBytes);
                Assert.True(copy.Length < damaged.Length * 4 + 8_000, $"Round {round}: {damaged.Length} bytes became {copy.Length}.");
            }
            catch (GenApiException failure) when (failure.Kind == ErrorKind.ImageNotConvertible)
            {
                refused++;
            }
            catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"Round {round} of {extension}: {failure}");
            }
        }
        Assert.InRange(refused, 1, Rounds - 1);
    }

    /// <summary>Changes up to five bytes, mostly near the beginning where lengths are, and sometimes cuts the file.</summary>
    private static byte[] Damaged(byte[] source, Random random)
    {
        var bytes = source.ToArray();
        for (var left = random.Next(1, 6); left > 0; left--)
            bytes[random.Next(random.Next(3) == 0 ? bytes.Length : Math.Min(bytes.Length, 700))] = (byte)random.Next(256);
        return random.Next(5) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
