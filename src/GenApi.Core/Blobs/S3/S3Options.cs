using System.ComponentModel.DataAnnotations;

namespace GenApi.Core.Blobs.S3;

/// <summary>The section <c>Blobs:S3</c>, for the provider <c>s3</c>.</summary>
public sealed class S3Options
{
    public const string Section = "Blobs:S3";

    /// <summary>The address of the S3 server. Empty: Amazon S3 in <c>Blobs:S3:Region</c>.</summary>
    /// <value>an address such as <c>https://s3.example.org</c></value>
    public string Endpoint { get; set; } = "";

    /// <summary>The bucket, which must exist.</summary>
    /// <value>3 to 63 letters, digits, hyphens and dots</value>
    public string Bucket { get; set; } = "";

    /// <summary>The beginning of the names of all objects, so that a bucket can hold other things too.</summary>
    /// <value>empty, or a path that ends with <c>/</c></value>
    public string Prefix { get; set; } = "";

    /// <summary>The region of the bucket.</summary>
    /// <value>a region</value>
    public string Region { get; set; } = "us-east-1";

    /// <summary>The access key. Empty: the credentials of the machine or its role.</summary>
    /// <value>a key</value>
    public string AccessKey { get; set; } = "";

    /// <summary>The secret key.</summary>
    /// <value>a secret; or <c>Blobs:S3:SecretKey_FILE</c>, a file that holds it</value>
    public string SecretKey { get; set; } = "";

    /// <summary>
    /// The longest wait for the begin of an answer, and for the next bytes of a body, in seconds. An upload gets a second more for each
    /// 256 KiB.
    /// </summary>
    /// <value>1 to 120</value>
    [Range(1, 120)]
    public int TimeoutSeconds { get; set; } = 10;
}
