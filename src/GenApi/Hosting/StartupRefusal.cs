using System.Net.Sockets;
using GenApi.Core.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace GenApi.Hosting;

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
        OptionsValidationException options => OneLine(options.Failures.First()),
        InvalidDataException { InnerException: { } reason } => OneLine($"appsettings.json: {reason.Message}"),
        AggregateException { InnerExceptions.Count: 1 } one => Sentence(one.InnerExceptions[0], configuration),
        AddressInUseException or IOException { InnerException: AddressInUseException } => $"Urls: {Where(configuration)} is in use by another process.",
        SocketException socket => $"Urls: can't listen on {Where(configuration)} ({socket.Message}).",
        InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" } server => OneLine($"Urls: {server.Message}"),
        _ => null,
    };

    private static string Where(IConfiguration? configuration) => configuration?["Urls"] is { Length: > 0 } urls ? $"'{urls}'" : "the address";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
