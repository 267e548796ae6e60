namespace GenApi.Core.Diagnostics;

/// <summary>
/// Names of the properties that log lines carry. All rooms use the same names, so one search by an id finds every line about it.
/// </summary>
public static class LogNames
{
    /// <summary><c>gen_…</c></summary>
    public const string GenerationId = "GenerationId";

    /// <summary><c>key_…</c>: the key of the caller, or the key that asked for the generation.</summary>
    public const string KeyId = "KeyId";

    /// <summary>
    /// The trace of the request that made the generation, as 32 hexadecimal digits. It replaces the trace in which a line was written.
    /// </summary>
    public const string TraceId = "TraceId";

    /// <summary>The reason of a failure, without anything that a caller wrote.</summary>
    public const string Error = "Error";

    /// <summary>Paths of the unusable members of a request, separated by commas; never their values.</summary>
    public const string Members = "Members";
}
