using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Tests.Generations;

/// <summary>Tests the identity of an answer: what changes it, what does not, and that it stays the same with the next version.</summary>
public sealed class CacheKeyTests
{
    private static readonly string One = new('a', 64), Other = new('b', 64);
    private static readonly ResolvedModel Sdxl = new("stability-ai", "sdxl", One, InputSchema.Unknown, null);
    private static readonly NormalisedInput Fox = Input("""{"seed":7,"prompt":"a fox"}""");
    private static readonly Guid Account = new("019b7c3e-5d3f-7a51-8c1e-0d2f4b6a8c9e");

    /// <summary>Rows hold these keys, so another one would make every stored answer again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_the_hash_that_earlier_versions_stored(bool isOwn)
    {
        var text = $"replicate\nstability-ai/sdxl\n{One}\n" + """{"prompt":"a fox","seed":7}""";
        if (isOwn)
            text += "\naccount 019b7c3e5d3f7a518c1e0d2f4b6a8c9e";

        Assert.Equal(Hash(text), CacheKey.Of("replicate", Sdxl, isOwn ? Account : null, Fox));
    }

    [Fact]
    public void Files_count_by_their_bytes_and_by_their_places()
    {
        var input = WithFiles(("image", null), ("images", 1));

        var text = $"replicate\nstability-ai/sdxl\n{One}\n{Core.Models.Canonical.CanonicalJson.Write(input.ForKey)}\nimage[],images[1]";

        Assert.Equal(Hash(text), CacheKey.Of("replicate", Sdxl, null, input));
        Assert.Contains(One, text[60..], StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_an_answer_depends_on_makes_another_one()
    {
        string[] keys =
        [
            CacheKey.Of("replicate", Sdxl, null, Fox),
            CacheKey.Of("sandbox", Sdxl, null, Fox),
            CacheKey.Of("replicate", Sdxl with { Version = Other }, null, Fox),
            CacheKey.Of("replicate", Sdxl with { Version = null }, null, Fox),
            CacheKey.Of("replicate", new("stability-ai", "sd", One, InputSchema.Unknown, null), null, Fox),
            CacheKey.Of("replicate", new("me", "sdxl", One, InputSchema.Unknown, null), null, Fox),
            CacheKey.Of("replicate", Sdxl, Account, Fox),
            CacheKey.Of("replicate", Sdxl, Guid.Empty, Fox),
            CacheKey.Of("replicate", Sdxl, null, Input("""{"seed":8,"prompt":"a fox"}""")),
            CacheKey.Of("replicate", Sdxl, null, Input("""{"prompt":"a fox"}""")),
            CacheKey.Of("replicate", Sdxl, null, WithFiles(("image", null), ("images", 0))),
            CacheKey.Of("replicate", Sdxl, null, WithFiles(("images", 0), ("images", 1))),
            CacheKey.Of("replicate", Sdxl, null, WithFiles(("image", null), ("images", 1))),
            CacheKey.Of("replicate", Sdxl, null, Text(WithFiles(("image", null), ("images", 1)))),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.All(keys, key => Assert.Equal(43, key.Length));
    }

    [Fact]
    public void Neither_the_order_of_members_nor_the_form_of_a_number_nor_an_alias_makes_another_one() =>
        Assert.Equal(
            CacheKey.Of("replicate", Sdxl, null, Fox),
            CacheKey.Of("replicate", Sdxl with { Alias = "sdxl" }, null, Input("""{"prompt":"\u0061 fox","seed":7.0}""")));

    private static NormalisedInput Input(string json) => new(InputSchema.Unknown, [.. Members(json)]);

    private static NormalisedInput WithFiles(params (string Name, int? Index)[] places) => new(
        InputSchema.Unknown, [.. Members("""{"image":"upl_1","images":["upl_2","upl_3"]}""")],
        [
            .. places.Select(
                place => new InputFile(place.Name, place.Index, "$.input", "upl_1") { Sha256 = One, ContentType = "image/png" }),
        ]);

    /// <summary>The same input, if a caller writes as text what stands for the bytes.</summary>
    private static NormalisedInput Text(NormalisedInput files) => new(InputSchema.Unknown, [.. files.ForKey]);

    private static IEnumerable<KeyValuePair<string, JsonElement>> Members(string json) =>
        JsonElement.Parse(json).EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value));

    private static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
