namespace GenApi.Core.Diagnostics;

/// <summary>
/// Names under which log lines carry what they belong to. All rooms use the same ones, so one search by an id finds every line about it.
/// </summary>
public static class LogNames
{
    /// <summary><c>gen_…</c></summary>
    public const string GenerationId = "GenerationId";

    /// <summary><c>key_…</c>: the key of the caller, or the key that asked for the generation.</summary>
    public const string KeyId = "KeyId";

    /// <summary>
    /// 32 hexadecimal digits: the trace of the request that made the generation. It takes the place of the trace in which a line was
    /// written.
    /// </summary>
    public const string TraceId = "TraceId";

    /// <summary>Why it failed, without anything that a caller wrote.</summary>
    public const string Error = "Error";

    /// <summary>Paths of the members of a request that can't be used, separated by commas; never their values.</summary>
    public const string Members = "Members";
}
