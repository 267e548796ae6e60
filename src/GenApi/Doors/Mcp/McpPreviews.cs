using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Variants;
using ModelContextProtocol.Protocol;

namespace GenApi.Doors.Mcp;

/// <summary>
/// Makes the previews of a result: at most 1024 pixels, all of them together at most 700,000 characters of base64. A PNG or JPEG that fits
/// is its own preview; the others are WebP. If they are more, the largest are made smaller, one step at a time. A preview that can't be
/// made costs the caller nothing else of the result.
/// </summary>
internal sealed class McpPreviews(DoorImages images)
{
    /// <summary>In characters. Claude Desktop refuses a result of more than a megabyte.</summary>
    public const int MostBase64 = 700_000;

    /// <summary>Images with a preview; each costs its reader a thousand tokens or more.</summary>
    public const int MostImages = 10;

    /// <summary>The longest sides in pixels, in the order in which they are tried.</summary>
    private static readonly int[] Sides = [1024, 512, 256, 128];

    private static readonly DoorFormat Webp = new(VariantFormat.Webp);

    /// <param name="outputs">Images that the caller may see.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>In the order of the images; fewer if there are more than <see cref="MostImages"/>.</returns>
    public async Task<IReadOnlyList<McpPreview>> OfAsync(IReadOnlyList<StoredImage> outputs, CancellationToken cancellationToken)
    {
        var share = MostBase64 / Math.Clamp(outputs.Count, 1, MostImages);
        var steps = outputs.Take(MostImages).Select(image => new Step(image, share)).ToList();
        try
        {
            await Task.WhenAll(steps.Select(step => step.OpenAsync(images, cancellationToken)));
            while (steps.Sum(step => step.Base64) > MostBase64)
                await steps.MaxBy(step => step.Base64)!.ShrinkAsync(images, cancellationToken);
            var previews = new List<McpPreview>(steps.Count);
            foreach (var step in steps)
                previews.Add(await step.ReadAsync(cancellationToken));
            return previews;
        }
        finally
        {
            steps.ForEach(step => step.Close());
        }
    }

    /// <param name="image">The image.</param>
    /// <param name="share">The characters of base64 that it may take as it is.</param>
    private sealed class Step(StoredImage image, int share)
    {
        private readonly bool _fits = image.ContentType is "image/png" or "image/jpeg"
            && Math.Max(image.Width ?? int.MaxValue, image.Height ?? int.MaxValue) <= Sides[0]
            && Base64Body.LengthOf(image.Bytes) <= share;

        private int _side;
        private DoorImage? _open;
        private string? _fault;

        public long Base64 => _open is { } open ? Base64Body.LengthOf(open.Content.Length) : 0;

        public async Task OpenAsync(DoorImages images, CancellationToken cancellationToken)
        {
            try
            {
                var format = _side == 0 && _fits ? new DoorFormat(VariantRequest.FormatOf(image.ContentType)) : Webp;
                _open = await images.OpenAsync(image, format, Sides[_side], cancellationToken);
            }
            catch (GenApiException failure)
            {
                _fault = failure.Message;
            }
        }

        public async Task ShrinkAsync(DoorImages images, CancellationToken cancellationToken)
        {
            Close();
            if (++_side < Sides.Length)
                await OpenAsync(images, cancellationToken);
            else
                _fault = "The previews would be too large together.";
        }

        public async Task<McpPreview> ReadAsync(CancellationToken cancellationToken)
        {
            if (_open is not { } open)
                return new(image, null, "", _fault);
            var bytes = new byte[open.Content.Length];
            for (var at = 0; at < bytes.Length;)
            {
                var count = await open.Content.ReadAsync(bytes.AsMemory(at), at, cancellationToken);
                if (count == 0)
                    return new(image, null, "", "The preview could not be read.");
                at += count;
            }
            return new(image, bytes, open.ContentType, null);
        }

        public void Close()
        {
            _open?.Dispose();
            _open = null;
        }
    }
}

/// <summary>The preview of one image.</summary>
/// <param name="Image">The image.</param>
/// <param name="Bytes">The file; null: there is none.</param>
/// <param name="ContentType">The type of the file.</param>
/// <param name="Fault">Why there is none.</param>
internal sealed record McpPreview(StoredImage Image, byte[]? Bytes, string ContentType, string? Fault)
{
    /// <summary>Returns the block of a result; null if there is no preview.</summary>
    public ImageContentBlock? Block() => Bytes is null ? null : ImageContentBlock.FromBytes(Bytes, ContentType);
}
