using System.Diagnostics;
using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Diagnostics;
using GenApi.Core.Models.Settings;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations;

/// <summary>
/// Ties the log lines of a generation together by its id, its key, and the trace of the request that made it. It also writes the one line
/// with which each generation ends.
/// </summary>
internal sealed partial class RunLog
{
    private readonly Dictionary<string, string> _aliases = new(StringComparer.OrdinalIgnoreCase);
    private readonly ILogger<RunLog> _logger;

    public RunLog(IOptions<ModelOptions> models, ILogger<RunLog> logger)
    {
        _logger = logger;
        foreach (var (alias, entry) in models.Value.Aliases.OrderBy(each => each.Key, StringComparer.Ordinal))
            _aliases.TryAdd(entry.Model, alias);
    }

    /// <summary>Adds the generation's properties to all lines until the returned scope is disposed of.</summary>
    public IDisposable? Begin(Generation generation) => _logger.BeginScope(Properties(generation));

    /// <summary>Logs the end of a generation whose terminal status is on the disk.</summary>
    public void Ended(Generation generation)
    {
        var hasFailed = generation.Status == GenerationStatus.Failed;
        // Only the operator can repair most failures. Those that the caller's input caused are everyday life.
        var level = hasFailed && !IsOfCaller(generation.ErrorCode) ? LogLevel.Warning : LogLevel.Information;
        if (!_logger.IsEnabled(level))
            return;
        var properties = Properties(generation);
        if (generation.PredictionId is { } prediction)
            properties.Add(new("PredictionId", prediction));
        if (hasFailed && generation.ErrorMessage is { } error)
            properties.Add(new(LogNames.Error, UnquotedError.Of(error, generation.Input)));
        if (hasFailed && generation.ErrorMembers is { } members)
            properties.Add(new(LogNames.Members, Names(members)));
        using var scope = _logger.BeginScope(properties);
        var (seconds, model) = ((generation.CompletedAt!.Value - generation.CreatedAt).TotalSeconds, NameOf(generation));
        var cost = generation.CostMicros is { } micros ? $"{MicroDollars.ToText(micros)} USD" : "price unknown";
        if (hasFailed)
            Log.Failed(_logger, level, generation.PublicId, generation.Status.Word(), generation.ErrorCode ?? "", seconds, model, cost);
        else
            Log.Ended(_logger, generation.PublicId, generation.Status.Word(), seconds, model, cost);
    }

    private static bool IsOfCaller(string? code) => code is "content_refused" or "invalid_input";

    private static List<KeyValuePair<string, object?>> Properties(Generation generation)
    {
        List<KeyValuePair<string, object?>> properties = [new(LogNames.GenerationId, generation.PublicId)];
        if (AccountNames.HasKey(generation.OwnerId))
            properties.Add(new(LogNames.KeyId, PublicId.Format(PublicId.Key, generation.OwnerId)));
        if (ActivityContext.TryParse(generation.TraceParent, null, out var trace))
            properties.Add(new(LogNames.TraceId, trace.TraceId.ToHexString()));
        return properties;
    }

    private static string Names(string members)
    {
        using var document = JsonDocument.Parse(members);
        return string.Join(", ", document.RootElement.EnumerateObject().Select(member => member.Name));
    }

    /// <summary>The alias under which callers know it, else <c>owner/name</c>.</summary>
    private string NameOf(Generation generation) =>
        _aliases.GetValueOrDefault($"{generation.Model}:{generation.Version}") ?? _aliases.GetValueOrDefault(generation.Model)
            ?? generation.Model;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{GenerationId} {Status} after {Seconds:0.0} s, {Model}, {Cost}")]
        public static partial void Ended(ILogger logger, string generationId, string status, double seconds, string model, string cost);

        [LoggerMessage(EventId = 2, Message = "{GenerationId} {Status} {Code} after {Seconds:0.0} s, {Model}, {Cost}")]
        public static partial void Failed(
            ILogger logger, LogLevel level, string generationId, string status, string code, double seconds, string model, string cost);
    }
}
