using System.Net;
using Amazon.Runtime;
using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>The reason that kept a call from succeeding.</summary>
internal enum S3Fault
{
    /// <summary>There is no such object or upload.</summary>
    Missing,

    /// <summary>There is no such bucket.</summary>
    NoBucket,

    /// <summary>The server refuses the credentials, or they do not allow the call.</summary>
    Denied,

    /// <summary>The server has no room, or a quota is used up.</summary>
    Full,

    /// <summary>No answer in time, or one that says that a repeat may succeed.</summary>
    Passing,

    /// <summary>The server does not accept the call as it is.</summary>
    Refused,

    /// <summary>The server does not have this operation.</summary>
    Unsupported,
}

/// <summary>Turns failures of the SDK into ours. What the server said stays in the inner exception, for the operator only.</summary>
internal static class S3Failure
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Classifies a failure; null: it says something about an object, and its caller knows what to do.</summary>
    public static S3Fault? Of(Exception failure) => failure switch
    {
        AmazonServiceException { StatusCode: HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestedRangeNotSatisfiable } => null,
        AmazonServiceException answer when answer.StatusCode != 0 => Of(answer.StatusCode, answer.ErrorCode),
        AmazonServiceException or HttpRequestException or IOException or OperationCanceledException or TimeoutException => S3Fault.Passing,
        // The SDK found no credentials.
        AmazonClientException => S3Fault.Denied,
        _ => null,
    };

    /// <summary>True if the server does not have the operation that failed.</summary>
    public static bool IsUnsupported(GenApiException failure) =>
        failure.InnerException is AmazonServiceException { StatusCode: HttpStatusCode.NotImplemented };

    /// <summary>Returns the failure for callers.</summary>
    public static GenApiException ToGenApi(S3Fault fault, Exception cause) => fault == S3Fault.Full
        ? new(ErrorKind.StorageFull, "There is no room left in the image store. Free some, or raise its quota.", cause)
        {
            IsTransient = true,
        }
        : new(ErrorKind.StorageUnavailable, "The image store can't be used at the moment. Try again later.", cause)
        {
            IsTransient = true,
            RetryAfter = RetryAfter,
        };

    /// <summary>Describes a failure for the operator.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        AmazonServiceException { ErrorCode: { Length: > 0 } code } answer => $"{code}, status {(int)answer.StatusCode}",
        OperationCanceledException => "no answer in time",
        { InnerException: { } cause } => cause.Message,
        _ => failure.Message,
    };

    private static S3Fault Of(HttpStatusCode status, string? code) => (status, code) switch
    {
        (_, "NoSuchBucket") => S3Fault.NoBucket,
        (HttpStatusCode.NotFound, _) => S3Fault.Missing,
        (_, "QuotaExceeded" or "XMinioStorageFull" or "InsufficientCapacity" or "StorageFull") => S3Fault.Full,
        (HttpStatusCode.InsufficientStorage, _) => S3Fault.Full,
        (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized, _) => S3Fault.Denied,
        (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict, _) => S3Fault.Passing,
        (HttpStatusCode.NotImplemented, _) => S3Fault.Unsupported,
        (_, "RequestTimeout" or "SlowDown" or "RequestTimeTooSkewed" or "IncompleteBody") => S3Fault.Passing,
        ( >= HttpStatusCode.InternalServerError, _) => S3Fault.Passing,
        // A 200 whose body broke off, or holds an error.
        ( < HttpStatusCode.MultipleChoices, _) => S3Fault.Passing,
        _ => S3Fault.Refused,
    };
}
