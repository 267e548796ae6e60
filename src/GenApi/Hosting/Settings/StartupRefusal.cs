using System.Net.Sockets;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace GenApi.Hosting.Settings;

/// <summary>
/// Tells the failures of a start that the operator can fix from bugs. The operator's are one sentence that begins with the setting's key; a
/// bug surfaces with its stack.
/// </summary>
internal static class StartupRefusal
{
    /// <returns>Null for a failure that the operator can't fix.</returns>
    public static string? Sentence(Exception failure, IConfiguration? configuration = null) => failure switch
    {
        SettingException setting => OneLine(setting.Message),
        OptionsValidationException options => OneLine(options.Failures.First() + Hint(options.Failures.First(), configuration)),
        InvalidDataException { InnerException: { } reason } => OneLine($"appsettings.json: {reason.Message}"),
        DirectoryNotFoundException folder when configuration is null => OneLine($"contentRoot: {folder.Message}"),
        UnauthorizedAccessException denied => OneLine($"This user can't read a settings file ({denied.Message})"),
        // The database or the bucket went away after it had been checked.
        _ when (failure as GenApiException ?? DatabaseFaults.ToGenApi(failure)) is
        { Kind: ErrorKind.StorageUnavailable or ErrorKind.StorageFull } storage =>
            OneLine($"The start was given up. {Reason(storage)}"),
        AggregateException { InnerExceptions.Count: 1 } one => Sentence(one.InnerExceptions[0], configuration),
        AddressInUseException or IOException { InnerException: AddressInUseException } =>
            $"Urls: {Where(configuration)} is in use by another process.",
        SocketException socket => $"Urls: can't listen on {Where(configuration)} ({socket.Message}).",
        InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" } server => OneLine($"Urls: {server.Message}"),
        _ => null,
    };

    private static string Reason(GenApiException storage) => storage.InnerException is { } cause
        ? $"{storage.Message.TrimEnd('.')} ({cause.GetBaseException().Message.TrimEnd('.')})."
        : storage.Message;

    private static string Where(IConfiguration? configuration) =>
        configuration?["Urls"] is { Length: > 0 } urls ? $"'{urls}'" : "the address";

    /// <summary>Names the setting that holds the missing token under another name.</summary>
    private static string Hint(string sentence, IConfiguration? configuration) =>
        configuration is not null && sentence.StartsWith("Replicate:ApiToken", StringComparison.Ordinal)
            && MisnamedSettings.Token(configuration) is { } name
            ? $" {name} is set, but GenApi reads the token from {MisnamedSettings.TokenName}."
            : "";

    private static string OneLine(string text) => SecretText.Scrub(text.ReplaceLineEndings(" ").Trim());
}
