using GenApi.Core.Models;
using GenApi.Core.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenApi.Doors.OpenAi;

/// <summary>Reads the section <c>Doors:OpenAi</c>, and reports each unusable entry in one sentence.</summary>
internal sealed class OpenAiOptionsSetup(IConfiguration configuration) : IConfigureOptions<OpenAiOptions>, IValidateOptions<OpenAiOptions>
{
    private const string Path = $"{OpenAiOptions.Section}:{nameof(OpenAiOptions.Models)}";

    public void Configure(OpenAiOptions options) => KeyedSettings.Bind(configuration, OpenAiOptions.Section, options);

    public ValidateOptionsResult Validate(string? name, OpenAiOptions options)
    {
        var failures = options.Models.SelectMany(entry => Failures($"{Path}:{entry.Key}", entry.Value)).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(string path, OpenAiModel entry)
    {
        if (!ModelReference.TryParse(entry.Model, out _))
            yield return $"{path} must be {ModelReference.Allowed}; it is '{entry.Model}'.";
        if (!string.IsNullOrWhiteSpace(entry.EditModel) && !ModelReference.TryParse(entry.EditModel, out _))
            yield return $"{path}:{nameof(OpenAiModel.EditModel)} must be {ModelReference.Allowed}; it is '{entry.EditModel}'.";
        if (!string.IsNullOrWhiteSpace(entry.ResponseFormat) && entry.ResponseFormat is not (OpenAiOptions.Url or OpenAiOptions.Base64))
        {
            yield return $"{path}:{nameof(OpenAiModel.ResponseFormat)} must be {OpenAiOptions.Url} or {OpenAiOptions.Base64}; "
                + $"it is '{entry.ResponseFormat}'.";
        }
    }
}
