using System.Security.Cryptography;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Images.Probes;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Persistence;
using GenApi.Core.Uploads;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// The input files of a request, from what the caller wrote to bytes that are surely in the store. Ids that were used lately are known in
/// memory, so a hit with files touches no database either.
/// </summary>
internal sealed class RequestFiles(ImageLibrary images, UploadLibrary uploads, MaskInverter masks, GenerationAccess access)
{
    /// <summary>
    /// Data URIs of at most this many bytes in all are sent, and stored in the row, as they are: Replicate takes 256 kB that way. Longer
    /// ones become uploads.
    /// </summary>
    public const int LongestInline = 256 * 1024;

    private const int LongestHead = 512;

    /// <summary>
    /// Identifies each file by its hash, which the key is made of. Nothing is stored yet but the inverse of a mask; for an estimate, not
    /// even that.
    /// </summary>
    /// <returns>The input with hashes; or, with a fault, the input as it was.</returns>
    public async ValueTask<(NormalisedInput Input, GenApiException? Fault)> IdentifyAsync(
        NormalisedInput input, GenerationRequest request, CancellationToken cancellationToken)
    {
        var problems = new InputProblems();
        var known = new InputFile[input.Files.Count];
        for (var at = 0; at < known.Length; at++)
        {
            var file = input.Files[at];
            try
            {
                known[at] = await IdentifyAsync(file, request, cancellationToken);
            }
            catch (GenApiException fault) when (fault.Kind is ErrorKind.InvalidInput or ErrorKind.DownloadFailed
                or ErrorKind.UpstreamBadAnswer or ErrorKind.UnsupportedMediaType or ErrorKind.BlobMissing)
            {
                problems.Refuse(file.Path, fault.Message.TrimEnd('.'));
            }
        }
        return problems.Fault is { } refused ? (input, refused) : (input.WithFiles(known), null);
    }

    /// <summary>
    /// Makes uploads of data URIs, the longest first, until the others are short enough to be sent as they are. The input returned names
    /// the uploads.
    /// </summary>
    /// <exception cref="GenApiException">InvalidInput: it holds no image. Or the storage can't take it.</exception>
    public async ValueTask<NormalisedInput> StoreAsync(NormalisedInput input, Guid account, CancellationToken cancellationToken)
    {
        var toStore = ToStore(input);
        if (toStore.Count == 0)
            return input;
        var stored = input.Files.ToArray();
        foreach (var at in toStore)
            stored[at] = await StoreAsync(stored[at], account, cancellationToken);
        return input.WithFiles(stored);
    }

    /// <summary>Refuses what <see cref="StoreAsync(NormalisedInput, Guid, CancellationToken)"/> would refuse, and stores nothing.</summary>
    /// <exception cref="GenApiException">As there.</exception>
    public async ValueTask CheckAsync(NormalisedInput input, CancellationToken cancellationToken)
    {
        foreach (var at in ToStore(input))
        {
            var file = input.Files[at];
            try
            {
                await uploads.CheckAsync(InputData.Decode(file.Data).Bytes, cancellationToken);
            }
            catch (GenApiException fault) when (fault.Kind == ErrorKind.UnsupportedMediaType)
            {
                throw NotKept(file, fault);
            }
        }
    }

    /// <summary>
    /// Checks, in the transaction that makes the generation, that something still needs the bytes, so they are still there. From the commit
    /// on the generation needs them itself.
    /// </summary>
    /// <returns>InvalidInput: a file was deleted since the request began. Null: all are there.</returns>
    public async Task<GenApiException?> FindFaultAsync(GenApiDbContext db, NormalisedInput input, CancellationToken cancellationToken)
    {
        var problems = new InputProblems();
        foreach (var file in Stored(input))
        {
            if (!await images.IsUsedAsync(db, file.Sha256!, cancellationToken))
                problems.Refuse(file.Path, Unknown(file.Id).Message);
            else if (images.IsMissing(file.Sha256!))
                problems.Refuse(file.Path, Missing(file.Id).Message);
        }
        return problems.Fault;
    }

    /// <summary>
    /// Returns whether only a request to a remote store says whether the bytes are there. No transaction may wait for one.
    /// </summary>
    public bool AreUnseen(NormalisedInput input) => Stored(input).Any(file => images.IsUnseen(file.Sha256!));

    /// <summary>Asks the store for the bytes.</summary>
    /// <exception cref="GenApiException">InvalidInput: some are missing. Or the store can't be read.</exception>
    public async Task RequireAsync(NormalisedInput input, CancellationToken cancellationToken)
    {
        var problems = new InputProblems();
        foreach (var file in Stored(input))
        {
            if (!await images.HasAsync(file.Sha256!, null, cancellationToken))
                problems.Refuse(file.Path, Missing(file.Id).Message);
        }
        if (problems.Fault is { } fault)
            throw fault;
    }

    /// <summary>
    /// The files whose bytes a run needs from the store. A mask that is still to be inverted belongs to an estimate: its inverse need not
    /// be there.
    /// </summary>
    private static IEnumerable<InputFile> Stored(NormalisedInput input) =>
        input.Files.Where(file => file is { IsData: false, MustBeInverted: false });

    private async ValueTask<InputFile> IdentifyAsync(InputFile file, GenerationRequest request, CancellationToken cancellationToken)
    {
        if (file.IsData)
            return await DataAsync(file, request, cancellationToken);
        var found = await FindAsync(file, request, cancellationToken);
        if (found.ContentType == ImageFormat.Svg.ContentType)
            throw Vector();
        // By the model's own name it may be a file of any kind; the model has to check that.
        if (IsImageByName(file.Path) && found.ContentType?.StartsWith("image/", StringComparison.Ordinal) == false)
            throw new GenApiException(ErrorKind.InvalidInput, $"is not an image, but {found.ContentType}. Send PNG, JPEG or WebP");
        return file.MustBeInverted ? await InverseAsync(file, found.Sha256!, null, request, cancellationToken) : found;
    }

    private async ValueTask<InputFile> FindAsync(InputFile file, GenerationRequest request, CancellationToken cancellationToken)
    {
        var caller = request.Caller;
        if (PublicId.TryParse(PublicId.Upload, file.Id, out var uploadId))
        {
            var upload = await uploads.FindAsync(uploadId, caller?.VisibleAccount, cancellationToken) ?? throw Unknown(file.Id);
            if (!request.IsEstimate)
                uploads.Used(upload);
            return file with { Sha256 = upload.Sha256, ContentType = upload.ContentType };
        }
        var image = PublicId.TryParse(PublicId.Image, file.Id, out var imageId) ? await images.FindAsync(imageId, cancellationToken) : null;
        if (image is not null && caller is not null && !await access.SeesAsync(caller, image.GenerationId, cancellationToken))
            image = null;
        return image is null ? throw Unknown(file.Id) : file with { Sha256 = image.Sha256, ContentType = image.ContentType };
    }

    private async Task<InputFile> DataAsync(InputFile file, GenerationRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var data = InputData.Decode(file.Data);
        var bytes = data.Bytes;
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (file.DataLength > LongestInline && !file.MustBeInverted)
            return file with { Sha256 = hash };
        // A file that claims to be an image must be one, because the model would fail over it after a machine was booted. Other kinds are
        // for the model to check.
        if (file.MustBeInverted || data.ContentType.StartsWith("image/", StringComparison.OrdinalIgnoreCase))
            RequireImage(bytes);
        return file.MustBeInverted
            ? await InverseAsync(file, hash, bytes, request, cancellationToken)
            : file with { Sha256 = hash };
    }

    /// <summary>Returns the inverse of a mask. For an estimate it is the mask itself, under the hash of its inverse.</summary>
    private async ValueTask<InputFile> InverseAsync(
        InputFile file, string sha256, byte[]? bytes, GenerationRequest request, CancellationToken cancellationToken) =>
        request.IsEstimate
            ? file with { Sha256 = await masks.HashOfInverseAsync(sha256, bytes, cancellationToken) }
            : Inverse(file, await masks.InvertAsync(sha256, bytes, request.OwnerId, cancellationToken));

    /// <summary>
    /// Returns the places of the data URIs that become uploads: the longest first, until the others are short enough to be sent as they
    /// are. A mask that is still to be inverted is not sent as it is.
    /// </summary>
    private static List<int> ToStore(NormalisedInput input)
    {
        var places = new List<int>();
        var inline = input.Files.Sum(Length);
        foreach (var at in Enumerable.Range(0, input.Files.Count).OrderByDescending(at => Length(input.Files[at])))
        {
            if (inline <= LongestInline)
                break;
            inline -= Length(input.Files[at]);
            places.Add(at);
        }
        return places;

        static long Length(InputFile file) => file.MustBeInverted ? 0 : file.DataLength;
    }

    private async Task<InputFile> StoreAsync(InputFile file, Guid account, CancellationToken cancellationToken)
    {
        try
        {
            using var bytes = new MemoryStream(InputData.Decode(file.Data).Bytes, writable: false);
            var upload = await uploads.StoreDerivedAsync(bytes, null, account, cancellationToken);
            return file with { Id = PublicId.Format(PublicId.Upload, upload.Id), Data = default, ContentType = upload.ContentType };
        }
        catch (GenApiException fault) when (fault.Kind == ErrorKind.UnsupportedMediaType)
        {
            throw NotKept(file, fault);
        }
    }

    private static GenApiException NotKept(InputFile file, GenApiException fault) => GenApiException.ForMember(
        ErrorKind.InvalidInput, file.Path,
        $"is too long to be sent as it is ({ByteSize.Text(LongestInline)} of data URIs at most), so it has to be kept here as an "
        + $"upload. {fault.Message}");

    private static InputFile Inverse(InputFile file, Upload inverse) => file with
    {
        Id = PublicId.Format(PublicId.Upload, inverse.Id),
        Data = default,
        Sha256 = inverse.Sha256,
        ContentType = inverse.ContentType,
        MustBeInverted = false,
    };

    private static bool IsImageByName(string path) =>
        path is "$.image" or "$.mask" || path.StartsWith("$.image[", StringComparison.Ordinal);

    private static void RequireImage(byte[] bytes)
    {
        // Markup is not parsed, because no drawing is accepted; see UploadLibrary.
        var head = bytes.AsSpan(0, Math.Min(bytes.Length, LongestHead));
        if (ContentSniffer.IsMarkup(head))
            throw Encoding.UTF8.GetString(head).Contains("<svg", StringComparison.OrdinalIgnoreCase) ? Vector() : ImageFaults.NotAnImage();
        if (ImageProbe.Read(bytes).Format == ImageFormat.Svg)
            throw Vector();
    }

    private static GenApiException Unknown(string id) => new(
        ErrorKind.InvalidInput, id.StartsWith(PublicId.Upload, StringComparison.Ordinal)
            ? $"there is no upload {id}: it was deleted, has expired, or never existed"
            : $"there is no image {id}: it was deleted, or never existed");

    private static GenApiException Missing(string id) => new(
        ErrorKind.InvalidInput, $"the bytes of {id} are missing from the store: send the image again as an upload, and name that");

    private static GenApiException Vector() =>
        new(ErrorKind.InvalidInput, "is an SVG drawing, and models take images made of pixels: send PNG, JPEG or WebP");
}
