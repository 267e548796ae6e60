using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Replicate;

/// <summary>
/// Reads the section and the two environment variables of Replicate's own clients, and reports each unusable key in one sentence. Binding
/// failures become such sentences too, so the process ends at once with a readable message.
/// </summary>
internal sealed class ReplicateOptionsSetup(IConfiguration configuration)
    : IConfigureOptions<ReplicateOptions>, IValidateOptions<ReplicateOptions>
{
    private const string TokenVariable = "REPLICATE_API_TOKEN";
    private const string BaseUrlVariable = "REPLICATE_BASE_URL";
    private const long LargestOutput = 2L << 30;
    private const int MostPerMinute = 1_000_000;

    public void Configure(ReplicateOptions options)
    {
        var section = configuration.GetSection(ReplicateOptions.Section);
        // Checked before binding: the binder's own message names our type and not the allowed values.
        var mode = section[nameof(ReplicateOptions.Mode)];
        if (mode is not null && !Enum.GetNames<ReplicateMode>().Contains(mode.Trim(), StringComparer.OrdinalIgnoreCase))
            throw Unusable($"Replicate:Mode must be one of auto, replicate, sandbox; it is '{mode}'.");

        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            throw Unusable(e.Message);
        }

        options.ApiToken = FirstNonEmpty(options.ApiToken, configuration[TokenVariable]);
        if (string.IsNullOrWhiteSpace(options.BaseUrl) || options.BaseUrl.Trim() == ReplicateOptions.DefaultBaseUrl)
            options.BaseUrl = FirstNonEmpty(configuration[BaseUrlVariable], ReplicateOptions.DefaultBaseUrl);
        options.BaseUrl = options.BaseUrl.Trim().TrimEnd('/');
        // Set after binding, since the binder adds to a list instead of replacing it.
        if (options.DeliveryHosts.Count == 0)
            options.DeliveryHosts = [.. ReplicateOptions.DefaultDeliveryHosts];
    }

    public ValidateOptionsResult Validate(string? name, ReplicateOptions options)
    {
        List<string> failures = [];
        if (BaseUrlFailure(options.BaseUrl) is { } baseUrl)
            failures.Add($"Replicate:BaseUrl must be {baseUrl}; it is '{options.BaseUrl}'.");
        if (options.Mode == ReplicateMode.Replicate && options.ApiToken.Length == 0)
            failures.Add("Replicate:ApiToken must be set (or REPLICATE_API_TOKEN) when Replicate:Mode is replicate.");
        // Without the value: it may be a real token with one stray character.
        if (options.ApiToken.Any(c => c is <= ' ' or > '~'))
            failures.Add("Replicate:ApiToken must be printable ASCII without spaces.");
        foreach (var host in options.DeliveryHosts.Where(host => !DeliveryHosts.CanRead(host)))
            failures.Add($"Replicate:DeliveryHosts must hold entries such as host, *.host or host:port; '{host}' is not one.");
        if (options.MaxInFlight is < 1 or > 10_000)
            failures.Add($"Replicate:MaxInFlight must be from 1 to 10000; it is {options.MaxInFlight}.");
        if (options.CreationsPerMinute is < 1 or > MostPerMinute)
            failures.Add($"Replicate:CreationsPerMinute must be from 1 to {MostPerMinute}; it is {options.CreationsPerMinute}.");
        if (options.ReadsPerMinute is < 1 or > MostPerMinute)
            failures.Add($"Replicate:ReadsPerMinute must be from 1 to {MostPerMinute}; it is {options.ReadsPerMinute}.");
        if (options.MaxOutputBytes is < 1 or > LargestOutput)
            failures.Add($"Replicate:MaxOutputBytes must be from 1 to {LargestOutput}; it is {options.MaxOutputBytes}.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static string? BaseUrlFailure(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
            return "an absolute http or https URL";
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            return "a URL without user, query and fragment";
        return url.AbsolutePath.TrimEnd('/').EndsWith("/v1", StringComparison.Ordinal) ? "given without /v1" : null;
    }

    private static string FirstNonEmpty(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
            if (!string.IsNullOrWhiteSpace(value))
                return value.Trim();
        return "";
    }

    private static OptionsValidationException Unusable(string sentence) =>
        new(Options.DefaultName, typeof(ReplicateOptions), [sentence]);
}
