namespace GenApi.Sandbox.Control;

/// <summary>
/// What can be made to go wrong. Over HTTP the names are in snake case (<c>create_reset_after</c>).
/// "Held" means: for <see cref="Fault.Delay"/>, or until <see cref="Fault.Release"/> when there is none.
/// </summary>
public enum FaultKind
{
    /// <summary>
    /// The creation is answered with <see cref="Fault.Status"/> 401, 402 (default), 403, 404 or 422 and Replicate's problem body.
    /// Nothing is made.
    /// </summary>
    CreateRefused,

    /// <summary>429; the wait of <see cref="Fault.Delay"/> (default 1 s) is told as <see cref="Fault.Form"/> says. Nothing is made.</summary>
    CreateThrottled,

    /// <summary><see cref="Fault.Status"/> (default 500) with a JSON body. Nothing is made unless <see cref="Fault.Accept"/>.</summary>
    CreateError,

    /// <summary><see cref="Fault.Status"/> (default 502) with an HTML page. Nothing is made unless <see cref="Fault.Accept"/>.</summary>
    CreateHtml,

    /// <summary>The connection is reset and nothing was made.</summary>
    CreateResetBefore,

    /// <summary>The prediction is made and runs; the connection is reset without an answer.</summary>
    CreateResetAfter,

    /// <summary>The creation is held before it is accepted. A caller that leaves meanwhile has made nothing.</summary>
    CreateSlowBefore,

    /// <summary>The prediction is made and runs; its answer is held.</summary>
    CreateSlowAfter,

    /// <summary>The prediction is made and runs; the answer is 201 with JSON that breaks off.</summary>
    CreateBadJson,

    /// <summary>A look is answered with <see cref="Fault.Status"/> (default 500) and a JSON body.</summary>
    GetError,

    /// <summary>A look's connection is reset.</summary>
    GetReset,

    /// <summary>A look is answered with 429; the wait as with <see cref="CreateThrottled"/>.</summary>
    GetThrottled,

    /// <summary>A look is answered with an HTML page and <see cref="Fault.Status"/> (default 502).</summary>
    GetHtml,

    /// <summary>A look finds nothing (404), as happens right after creation.</summary>
    GetNotFound,

    /// <summary>A look is held.</summary>
    GetSlow,

    /// <summary>A look is answered with 200 and JSON that breaks off.</summary>
    GetBadJson,

    /// <summary>Rows of the list lack input and output.</summary>
    ListWithoutInput,

    /// <summary>The list has no rows, as if the predictions were not listed yet.</summary>
    ListEmpty,

    /// <summary>The list is answered with <see cref="Fault.Status"/> (default 500) and a JSON body.</summary>
    ListError,

    /// <summary>Cancelling is answered with <see cref="Fault.Status"/> (default 500); the run goes on.</summary>
    CancelError,

    /// <summary>Cancelling is answered with 200 and the run goes on to its end.</summary>
    CancelIgnored,

    /// <summary>Aborted before it starts.</summary>
    RunAborts,

    /// <summary>Fails with <see cref="Fault.Text"/>, which may be empty.</summary>
    RunFails,

    /// <summary>Fails with the text of the safety filter.</summary>
    RunRefused,

    /// <summary>Succeeds with a null output.</summary>
    RunEmpty,

    /// <summary>Stays in processing for ever; it can be canceled.</summary>
    RunStuck,

    /// <summary>The output holds data URIs in place of links.</summary>
    RunDataUri,

    /// <summary>The output is a list of objects, <c>[{"file": "https://…"}]</c>.</summary>
    RunNested,

    /// <summary>Only <see cref="Fault.Count"/> (default one fewer) pictures; none if 0.</summary>
    RunFewer,

    /// <summary>The output is a list with members that are no links at all.</summary>
    RunStrange,

    /// <summary>Starting is held.</summary>
    RunHeldStarting,

    /// <summary>Processing is held.</summary>
    RunHeldProcessing,

    /// <summary>The output is there while the status is still processing, without metrics, logs and completed_at; held like that.</summary>
    RunEarlyOutput,

    /// <summary>Processing is called <see cref="Fault.Text"/> (default "warming").</summary>
    RunUnknownStatus,

    /// <summary>An official model's <c>image_count</c> is <see cref="Fault.Count"/> (default as many as asked for), however many files it delivers.</summary>
    RunCounts,

    /// <summary>The announced length is not reached: the connection ends half way.</summary>
    FileCut,

    /// <summary>The bytes are no picture.</summary>
    FileCorrupt,

    /// <summary>No length announced, and <see cref="Fault.Count"/> bytes (default 256 MiB) are sent.</summary>
    FileOversized,

    /// <summary>404.</summary>
    FileVanished,

    /// <summary><see cref="Fault.Status"/> (default 503).</summary>
    FileUnavailable,

    /// <summary>Half of the body is sent, the rest is held.</summary>
    FileSlow,

    /// <summary>302 to <see cref="Fault.Text"/>; without one, to itself.</summary>
    FileRedirect,

    /// <summary>The content type is <see cref="Fault.Text"/> (default text/plain).</summary>
    FileWrongType,

    /// <summary>Chunked, without a length.</summary>
    FileChunked,

    /// <summary>The connection is reset before any answer.</summary>
    FileReset,

    /// <summary>A webhook is not sent, and not repeated.</summary>
    WebhookLost,

    /// <summary>A webhook is sent twice with the same id.</summary>
    WebhookTwice,

    /// <summary>A webhook carries a wrong signature.</summary>
    WebhookForged,

    /// <summary>The upload of an input file is answered with <see cref="Fault.Status"/> (default 500); nothing is kept.</summary>
    UploadError,

    /// <summary>The upload's connection is reset; nothing is kept.</summary>
    UploadReset,

    /// <summary>The upload is held before it is kept.</summary>
    UploadSlow,

    /// <summary>The search for models is answered with <see cref="Fault.Status"/> (default 500); 404: there is no such search.</summary>
    SearchError,
}

/// <summary>How a 429 tells when to come again.</summary>
public enum ThrottleForm
{
    /// <summary>In the body's <c>retry_after</c> and in its sentence, as seen in 2025.</summary>
    Body,

    /// <summary>In the header <c>Retry-After</c> only.</summary>
    Header,

    /// <summary>In the sentence only: "Your rate limit resets in ~30s."</summary>
    Text,

    /// <summary>Not at all.</summary>
    Silent,

    /// <summary>As <see cref="Body"/>, in the words for an account with less than 5 dollars: 6 creations a minute with a burst of 1.</summary>
    LowCredit,
}
