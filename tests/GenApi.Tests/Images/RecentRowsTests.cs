using GenApi.Core.Images;
using GenApi.Core.Images.Library;

namespace GenApi.Tests.Images;

public sealed class RecentRowsTests
{
    [Fact]
    public void A_row_read_before_a_deletion_is_not_remembered_after_it()
    {
        var recent = new RecentRows<StoredImage>(capacity: 10, image => image.Id);
        var image = NewImage();
        var before = recent.Deletions;

        recent.Forget([image.Id]);
        recent.Remember(image, before);

        Assert.False(recent.TryGet(image.Id, out _));
    }

    [Fact]
    public void The_one_that_is_asked_for_stays_and_the_bound_holds()
    {
        var recent = new RecentRows<StoredImage>(capacity: 3, image => image.Id);
        var favourite = NewImage();
        recent.Remember(favourite, recent.Deletions);
        var others = Enumerable.Range(0, 50).Select(_ => NewImage()).ToList();

        foreach (var each in others)
        {
            Assert.True(recent.TryGet(favourite.Id, out _));
            recent.Remember(each, recent.Deletions);
        }

        Assert.Equal(2, others.Count(each => recent.TryGet(each.Id, out _)));
    }

    private static StoredImage NewImage() => new()
    {
        Id = ImagesHost.NewId(),
        GenerationId = ImagesHost.NewId(),
        Index = 0,
        Kind = FileKind.Image,
        BlobKey = new string('a', 64),
        ContentType = "image/png",
        Width = 1,
        Height = 1,
        Bytes = 1,
        FileName = "a",
        CreatedAt = TimeProvider.System.GetUtcNow(),
    };
}
