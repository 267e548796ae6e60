using System.Net.Sockets;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Hosting.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace GenApi.Hosting.Start;

/// <summary>
/// What stops the process at start and is the operator's to mend: one sentence that begins with the key. Everything else is a mistake of ours
/// and flies with its stack.
/// </summary>
internal static class StartupRefusal
{
    /// <returns>Null for what is not the operator's to mend.</returns>
    public static string? Sentence(Exception failure, IConfiguration? configuration = null) => failure switch
    {
        SettingException setting => OneLine(setting.Message),
        OptionsValidationException options => OneLine(options.Failures.First() + Hint(options.Failures.First(), configuration)),
        InvalidDataException { InnerException: { } reason } => OneLine($"appsettings.json: {reason.Message}"),
        DirectoryNotFoundException folder when configuration is null => OneLine($"contentRoot: {folder.Message}"),
        UnauthorizedAccessException denied => OneLine($"A file of settings can't be read by this user ({denied.Message})"),
        AggregateException { InnerExceptions.Count: 1 } one => Sentence(one.InnerExceptions[0], configuration),
        AddressInUseException or IOException { InnerException: AddressInUseException } => $"Urls: {Where(configuration)} is in use by another process.",
        SocketException socket => $"Urls: can't listen on {Where(configuration)} ({socket.Message}).",
        InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" } server => OneLine($"Urls: {server.Message}"),
        _ => null,
    };

    private static string Where(IConfiguration? configuration) => configuration?["Urls"] is { Length: > 0 } urls ? $"'{urls}'" : "the address";

    /// <summary>A token that is missing may stand under another name.</summary>
    private static string Hint(string sentence, IConfiguration? configuration) =>
        configuration is not null && sentence.StartsWith("Replicate:ApiToken", StringComparison.Ordinal) && MisnamedSettings.Token(configuration) is { } name
            ? $" {name} is set, but the name that GenApi reads is {MisnamedSettings.TokenName}."
            : "";

    private static string OneLine(string text) => SecretText.Scrub(text.ReplaceLineEndings(" ").Trim());
}
