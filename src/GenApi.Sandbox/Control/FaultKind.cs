namespace GenApi.Sandbox.Control;

/// <summary>
/// The things that can be made to go wrong. Over HTTP the names are in snake case (<c>create_reset_after</c>). "Held" means for
/// <see cref="Fault.Delay"/>, or until <see cref="Fault.Release"/> if no delay is set.
/// </summary>
public enum FaultKind
{
    /// <summary>
    /// The creation is answered with <see cref="Fault.Status"/> 401, 402 (default), 403, 404 or 422 and Replicate's problem body.
    /// Nothing is made.
    /// </summary>
    CreateRefused,

    /// <summary>
    /// The creation is answered with 429. <see cref="Fault.Form"/> says how the answer states the wait of <see cref="Fault.Delay"/>
    /// (default 1 s). Nothing is made.
    /// </summary>
    CreateThrottled,

    /// <summary><see cref="Fault.Status"/> (default 500) with a JSON body. Nothing is made unless <see cref="Fault.Accept"/>.</summary>
    CreateError,

    /// <summary><see cref="Fault.Status"/> (default 502) with an HTML page. Nothing is made unless <see cref="Fault.Accept"/>.</summary>
    CreateHtml,

    /// <summary>The connection is reset and nothing was made.</summary>
    CreateResetBefore,

    /// <summary>The prediction is made and runs; the connection is reset without an answer.</summary>
    CreateResetAfter,

    /// <summary>The creation is held before it is accepted. If the caller leaves meanwhile, nothing is made.</summary>
    CreateSlowBefore,

    /// <summary>The prediction is made and runs; its answer is held.</summary>
    CreateSlowAfter,

    /// <summary>The prediction is made and runs; the answer is 201 with JSON that breaks off.</summary>
    CreateBadJson,

    /// <summary>A poll is answered with <see cref="Fault.Status"/> (default 500) and a JSON body.</summary>
    GetError,

    /// <summary>A poll's connection is reset.</summary>
    GetReset,

    /// <summary>A poll is answered with 429; it states the wait as <see cref="CreateThrottled"/> does.</summary>
    GetThrottled,

    /// <summary>A poll is answered with an HTML page and <see cref="Fault.Status"/> (default 502).</summary>
    GetHtml,

    /// <summary>A poll finds nothing (404), as happens right after a creation.</summary>
    GetNotFound,

    /// <summary>A poll is held.</summary>
    GetSlow,

    /// <summary>A poll is answered with 200 and JSON that breaks off.</summary>
    GetBadJson,

    /// <summary>The rows of the list lack input and output.</summary>
    ListWithoutInput,

    /// <summary>The list has no rows, as if the predictions were not listed yet.</summary>
    ListEmpty,

    /// <summary>The list is answered with <see cref="Fault.Status"/> (default 500) and a JSON body.</summary>
    ListError,

    /// <summary>A cancellation is answered with <see cref="Fault.Status"/> (default 500); the run goes on.</summary>
    CancelError,

    /// <summary>A cancellation is answered with 200, and the run goes on to its end.</summary>
    CancelIgnored,

    /// <summary>The run is aborted before it starts.</summary>
    RunAborts,

    /// <summary>The run fails with <see cref="Fault.Text"/>, which may be empty.</summary>
    RunFails,

    /// <summary>The run fails with the text of the safety filter.</summary>
    RunRefused,

    /// <summary>The run succeeds with a null output.</summary>
    RunEmpty,

    /// <summary>The run stays in processing forever; it can be canceled.</summary>
    RunStuck,

    /// <summary>The output holds data URIs instead of links.</summary>
    RunDataUri,

    /// <summary>The output is a list of objects, <c>[{"file": "https://…"}]</c>.</summary>
    RunNested,

    /// <summary>The run delivers only <see cref="Fault.Count"/> pictures (default: one fewer); 0: none.</summary>
    RunFewer,

    /// <summary>The output is a list with members that are not links.</summary>
    RunStrange,

    /// <summary>The run is held in starting.</summary>
    RunHeldStarting,

    /// <summary>The run is held in processing.</summary>
    RunHeldProcessing,

    /// <summary>
    /// The output appears while the status is still processing, without metrics, logs and completed_at. The run is held in that state.
    /// </summary>
    RunEarlyOutput,

    /// <summary>The status processing is called <see cref="Fault.Text"/> (default "warming").</summary>
    RunUnknownStatus,

    /// <summary>
    /// An official model's <c>image_count</c> is <see cref="Fault.Count"/> (default: the number requested), whatever it delivers.
    /// </summary>
    RunCounts,

    /// <summary>The connection ends before the announced length is reached.</summary>
    FileCut,

    /// <summary>The bytes are not a picture.</summary>
    FileCorrupt,

    /// <summary>No length is announced, and <see cref="Fault.Count"/> bytes (default 256 MiB) are sent.</summary>
    FileOversized,

    /// <summary>The file is answered with 404.</summary>
    FileVanished,

    /// <summary>The file is answered with <see cref="Fault.Status"/> (default 503).</summary>
    FileUnavailable,

    /// <summary>Half of the body is sent, the rest is held.</summary>
    FileSlow,

    /// <summary>The file is answered with 302 to <see cref="Fault.Text"/>, or to itself if no text is set.</summary>
    FileRedirect,

    /// <summary>The content type is <see cref="Fault.Text"/> (default text/plain).</summary>
    FileWrongType,

    /// <summary>The file is sent chunked, without a length.</summary>
    FileChunked,

    /// <summary>The connection is reset before any answer.</summary>
    FileReset,

    /// <summary>A webhook is neither sent nor repeated.</summary>
    WebhookLost,

    /// <summary>A webhook is sent twice with the same id.</summary>
    WebhookTwice,

    /// <summary>A webhook carries a wrong signature.</summary>
    WebhookForged,

    /// <summary>The upload of an input file is answered with <see cref="Fault.Status"/> (default 500); nothing is stored.</summary>
    UploadError,

    /// <summary>The upload's connection is reset; nothing is stored.</summary>
    UploadReset,

    /// <summary>The upload is held before it is stored.</summary>
    UploadSlow,

    /// <summary>
    /// The search for models is answered with <see cref="Fault.Status"/> (default 500); 404 means that there is no search.
    /// </summary>
    SearchError,
}

/// <summary>The place where a 429 states when to try again.</summary>
public enum ThrottleForm
{
    /// <summary>In the body, as <c>retry_after</c> and in its sentence, as seen in 2025.</summary>
    Body,

    /// <summary>Only in the header <c>Retry-After</c>.</summary>
    Header,

    /// <summary>Only in the sentence: "Your rate limit resets in ~30s."</summary>
    Text,

    /// <summary>Nowhere.</summary>
    Silent,

    /// <summary>
    /// As <see cref="Body"/>, with the sentence for an account with less than 5 dollars: 6 creations a minute with a burst of 1.
    /// </summary>
    LowCredit,
}
