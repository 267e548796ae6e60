using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>The features of an S3 server. Servers differ, and some accept a header without heeding it: they are tried at start.</summary>
/// <param name="HasConditionalPut">A put that asks for no such object fails if there is one.</param>
/// <param name="HasRanges">A read of a range returns just that.</param>
internal sealed record S3Abilities(bool HasConditionalPut, bool HasRanges)
{
    private const string Name = "tmp/abilities";

    public static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string> { ["provider"] = "s3" };

    /// <summary>The abilities for the operator.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; } = new Dictionary<string, string>
    {
        ["provider"] = "s3",
        ["conditional_put"] = HasConditionalPut ? "yes" : "no",
        ["ranges"] = HasRanges ? "yes" : "no",
    };

    /// <summary>Tries them in the bucket, and leaves nothing behind.</summary>
    public static async Task<S3Abilities> FindAsync(S3Bucket bucket, CancellationToken cancellationToken)
    {
        // Instances that start at the same time do not disturb each other.
        var name = $"{Name}-{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8))}";
        await bucket.PutTextAsync(name, "0123456789", cancellationToken);
        try
        {
            return new(await RefusesAsync(bucket, name, cancellationToken), await ReadsRangeAsync(bucket, name, cancellationToken));
        }
        finally
        {
            await bucket.DeleteAsync(name, cancellationToken);
        }
    }

    private static async Task<bool> RefusesAsync(S3Bucket bucket, string name, CancellationToken cancellationToken)
    {
        try
        {
            return !await bucket.TryPutTextAsync(name, "9876543210", cancellationToken);
        }
        catch (GenApiException)
        {
            // Some servers know the header and answer with an error.
            return false;
        }
    }

    private static async Task<bool> ReadsRangeAsync(S3Bucket bucket, string name, CancellationToken cancellationToken)
    {
        using var answer = await bucket.GetAsync(name, new BlobRange(3, 4), cancellationToken);
        return answer is { ContentLength: 4, ContentRange: { Length: > 0 } };
    }
}
