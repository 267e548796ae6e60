namespace GenApi.Client;

/// <summary>
/// The service gave no complete answer within the time that the options allow. The call may or may not have taken effect; see
/// <see cref="GenApiException.IdempotencyKey"/>.
/// </summary>
public sealed class GenApiConnectionException : GenApiException
{
    internal GenApiConnectionException(string message, Exception? inner, bool isTransient = true)
        : base(message, inner) => IsTransient = isTransient;

    internal override bool IsTransient { get; }
}
