using Amazon.Runtime;
using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>Checks the settings of the bucket at start. One that can't be used ends the start in one sentence.</summary>
internal static class S3Start
{
    /// <summary>Checks what needs no server.</summary>
    /// <exception cref="SettingException">A setting is missing or can't be right.</exception>
    public static void Check(S3Options options)
    {
        if (options.Endpoint.Length > 0
            && !(Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            throw Wrong("Endpoint", $"'{options.Endpoint}' is not an http or https address.");
        if (options.Bucket.Length is < 3 or > 63
            || options.Bucket.AsSpan().ContainsAnyExcept(AllowedInBuckets))
            throw Wrong("Bucket", "set the name of a bucket: 3 to 63 lower-case letters, digits, hyphens and dots.");
        if (options.Prefix.Length > 0 && (options.Prefix[0] == '/' || options.Prefix[^1] != '/' || options.Prefix.Length > 200))
            throw Wrong("Prefix", $"'{options.Prefix}' must end with '/', must not begin with it, and has at most 200 characters.");
        if (options.Region.Length == 0)
            throw Wrong("Region", "set the region of the bucket. For most servers other than Amazon's, us-east-1 is right.");
        if ((options.AccessKey.Length > 0) != (options.SecretKey.Length > 0))
            throw Wrong(options.AccessKey.Length > 0 ? "SecretKey" : "AccessKey", "set both keys, or none to use those of the machine.");
    }

    /// <summary>Makes the first calls.</summary>
    /// <exception cref="SettingException">They fail, with the setting that is to blame.</exception>
    public static async Task<T> TryAsync<T>(S3Options options, Func<Task<T>> calls)
    {
        try
        {
            return await calls();
        }
        catch (GenApiException failure) when (failure.InnerException is { } cause && failure.Kind != ErrorKind.StorageFull)
        {
            throw Explain(options, cause);
        }
        catch (AmazonServiceException failure)
        {
            throw Explain(options, failure);
        }
    }

    private static readonly System.Buffers.SearchValues<char> AllowedInBuckets =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._");

    private static SettingException Explain(S3Options options, Exception cause)
    {
        var where = options.Endpoint.Length > 0 ? $"at '{options.Endpoint}'" : $"of Amazon S3 in '{options.Region}'";
        var said = S3Failure.Describe(cause);
        return (S3Failure.Of(cause), (cause as AmazonServiceException)?.ErrorCode) switch
        {
            (S3Fault.NoBucket, _) => Wrong("Bucket", $"there is no bucket '{options.Bucket}' {where}. Make it first.", cause),
            (S3Fault.Denied, "AccessDenied" or "Forbidden") => Wrong(
                "AccessKey", $"the key may not list, read, write and delete in the bucket '{options.Bucket}' {where} ({said}).", cause),
            (S3Fault.Denied, _) => Wrong("AccessKey", $"the server {where} refuses the credentials ({said}).", cause),
            (_, "AuthorizationHeaderMalformed" or "PermanentRedirect" or "IllegalLocationConstraintException") => Wrong(
                "Region", $"the bucket '{options.Bucket}' is not in the region '{options.Region}' ({said}).", cause),
            _ => Wrong("Endpoint", $"the server {where} can't be used ({said}).", cause),
        };
    }

    private static SettingException Wrong(string name, string sentence, Exception? cause = null) =>
        new($"{S3Options.Section}:{name}", sentence, cause);
}
