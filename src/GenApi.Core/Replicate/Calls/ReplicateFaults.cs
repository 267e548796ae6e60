using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Replicate.Api;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// Makes every failure a <see cref="GenApiException"/>, by kind of call and fault. The upstream's own text goes into the inner exception
/// for the operator. It is never part of the public message, except for problems of the caller's own input.
/// </summary>
internal static class ReplicateFaults
{
    public static GenApiException Refused(
        ReplicateLeg leg, HttpStatusCode status, HttpResponseHeaders? headers, string? body, DateTimeOffset now)
    {
        var problem = new ReplicateProblem(body);
        var inner = new HttpRequestException($"The upstream answered {(int)status} to {leg}: {problem.Text}", null, status);
        return (int)status switch
        {
            401 or 403 =>
                new(ErrorKind.UpstreamUnauthorized, "The upstream refuses our token. The operator has to replace it.", inner),
            402 => new(
                ErrorKind.UpstreamOutOfCredit,
                "The upstream accepts no new work from us at present. The operator has to check the upstream account.", inner),
            404 => NotFound(leg, inner),
            422 when leg == ReplicateLeg.Create && problem.IsInvalidVersion =>
                new(ErrorKind.UnknownModel, "The upstream knows no such model or version.", inner),
            422 or 413 when leg is ReplicateLeg.Create or ReplicateLeg.SendFile => InvalidInput(problem, (int)status, inner),
            429 => new(ErrorKind.UpstreamRateLimited, "The upstream asks us to slow down.", inner)
            {
                RetryAfter = problem.RetryAfter(headers, now),
                IsTransient = true,
            },
            408 or >= 500 => new(ErrorKind.UpstreamUnavailable, $"The upstream fails at present (status {(int)status}).", inner)
            {
                RetryAfter = problem.RetryAfter(headers, now),
                IsTransient = true,
                MayHaveHappened = Acts(leg),
            },
            >= 400 => new(ErrorKind.UpstreamBadAnswer, $"The upstream refused the request (status {(int)status}).", inner),
            _ => new(ErrorKind.UpstreamBadAnswer, $"The upstream's answer can't be read (status {(int)status}).", inner)
            {
                MayHaveHappened = Acts(leg),
            },
        };
    }

    /// <summary>Describes a call without a status, or whose body broke off.</summary>
    public static GenApiException NoAnswer(ReplicateLeg leg, Exception cause)
    {
        if (Find<NotSentException>(cause) is { } notSentAtAll)
            return notSentAtAll.Fault;
        if (Find<BrokenCircuitException>(cause) is { } broken)
            return HeldBack(broken);
        if (Find<TimeoutRejectedException>(cause) is { } late)
            return TimedOut(leg, late.Timeout, cause);
        if (IsUnreadable(cause))
            return Unreadable(leg, cause);
        var notSent = IsConnectFailure(cause);
        var message = notSent ? "The upstream can't be reached." : "The upstream's answer did not arrive.";
        return new(ErrorKind.UpstreamUnavailable, message, cause) { IsTransient = true, MayHaveHappened = !notSent && Acts(leg) };
    }

    /// <summary>
    /// Returns whether the read was not sent because too many earlier ones have failed; such a failure shows nothing about its subject.
    /// </summary>
    public static bool WasHeldBack(GenApiException fault) => fault.InnerException is BrokenCircuitException;

    public static GenApiException TimedOut(ReplicateLeg leg, TimeSpan after, Exception cause) =>
        new(ErrorKind.UpstreamUnavailable, $"The upstream did not answer within {after.TotalSeconds:0} seconds.", cause)
        {
            IsTransient = true,
            MayHaveHappened = Acts(leg),
        };

    public static GenApiException Unreadable(ReplicateLeg leg, Exception? cause) =>
        new(ErrorKind.UpstreamBadAnswer, "The upstream's answer can't be read.", cause)
        {
            IsTransient = true,
            MayHaveHappened = Acts(leg),
        };

    private static GenApiException HeldBack(BrokenCircuitException broken) =>
        new(ErrorKind.UpstreamUnavailable, "The upstream fails at present; GenApi tries again in a moment.", broken)
        {
            RetryAfter = broken.RetryAfter is { } left && left > ReadBreaker.ShortestBreak ? left : ReadBreaker.ShortestBreak,
            IsTransient = true,
        };

    private static GenApiException NotFound(ReplicateLeg leg, Exception inner) => leg switch
    {
        ReplicateLeg.ReadModel or ReplicateLeg.Create => new(ErrorKind.UnknownModel, "The upstream knows no such model or version.", inner),
        // It happens for a moment right after a creation (replicate-javascript 68 and 74), so one 404 proves nothing.
        ReplicateLeg.ReadPrediction or ReplicateLeg.Cancel =>
            new(ErrorKind.NotFound, "The upstream knows no such prediction.", inner) { IsTransient = true },
        ReplicateLeg.File => new(ErrorKind.NotFound, "The upstream has no such file.", inner),
        ReplicateLeg.SendFile => new(ErrorKind.UpstreamBadAnswer, "The upstream accepts no files.", inner),
        ReplicateLeg.ReadCollection => new(ErrorKind.NotFound, "There is no such collection.", inner),
        ReplicateLeg.Search => new(ErrorKind.NotFound, "The upstream has no such search.", inner),
        _ => new(ErrorKind.UpstreamBadAnswer, "The upstream has no such list.", inner),
    };

    private static GenApiException InvalidInput(ReplicateProblem problem, int status, Exception inner)
    {
        var errors = problem.InputErrors();
        if (errors.Count == 0)
        {
            errors = new Dictionary<string, string[]>
            {
                ["$.input"] = [status == 413 ? "is too large for the upstream" : "is refused by the model"],
            };
        }

        var first = errors.First();
        return new(ErrorKind.InvalidInput, $"{first.Key}: {first.Value[0]}", inner) { Errors = errors };
    }

    /// <summary>Returns whether the call changes something at the upstream, so that a lost answer leaves the outcome open.</summary>
    private static bool Acts(ReplicateLeg leg) => leg is ReplicateLeg.Create or ReplicateLeg.Cancel;

    /// <summary>
    /// Returns whether the call failed before a connection was made, so that nothing of the request was sent. A connect time-out is a
    /// cancellation around a <see cref="TimeoutException"/>; nothing else here throws one, as <see cref="HttpClient.Timeout"/> is off.
    /// </summary>
    private static bool IsConnectFailure(Exception cause)
    {
        for (var e = cause; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                    or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
                })
                return true;
            if (e is OperationCanceledException { InnerException: TimeoutException })
                return true;
        }

        return false;
    }

    private static T? Find<T>(Exception cause)
        where T : Exception
    {
        for (var e = cause; e is not null; e = e.InnerException)
            if (e is T found)
                return found;
        return null;
    }

    private static bool IsUnreadable(Exception cause)
    {
        for (var e = cause; e is not null; e = e.InnerException)
            if (e is JsonException or AnswerTooLargeException or InvalidDataException)
                return true;
        return false;
    }
}
