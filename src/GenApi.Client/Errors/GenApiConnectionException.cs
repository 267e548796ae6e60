namespace GenApi.Client;

/// <summary>
/// The service gave no whole answer in time, for as long as the options allow. Whether it carried the call out is unknown; see
/// <see cref="GenApiException.IdempotencyKey"/>.
/// </summary>
public sealed class GenApiConnectionException : GenApiException
{
    internal GenApiConnectionException(string message, Exception? inner, bool isTransient = true)
        : base(message, inner) => IsTransient = isTransient;

    internal override bool IsTransient { get; }
}
