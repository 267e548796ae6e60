using System.Collections.Frozen;
using GenApi.Core.Errors;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Schemas;
using Microsoft.Extensions.Options;

namespace GenApi.Doors.OpenAi;

/// <summary>A model as a request named it.</summary>
/// <param name="Target">An alias or a model for the catalogue; null: the default model.</param>
/// <param name="EditTarget">The same for edits and variations.</param>
/// <param name="AnswersUrls">Whether a request without <c>response_format</c> gets URLs.</param>
internal readonly record struct NamedModel(string? Target, string? EditTarget, bool AnswersUrls);

/// <summary>Finds the model behind the names that programs have built in (<see cref="OpenAiOptions.Models"/>).</summary>
internal sealed class OpenAiModels
{
    private const string OldNames = "dall-e";

    private readonly ModelCatalogue _catalogue;
    private readonly FrozenDictionary<string, OpenAiModel> _exact;
    private readonly IReadOnlyList<KeyValuePair<string, OpenAiModel>> _beginnings;
    private readonly FrozenSet<string> _aliases;

    public OpenAiModels(IOptions<OpenAiOptions> options, ModelCatalogue catalogue)
    {
        var models = options.Value.Models;
        _catalogue = catalogue;
        _exact = models.Where(each => !each.Key.EndsWith('*')).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _beginnings =
        [
            .. models.Where(each => each.Key.EndsWith('*')).Select(each => KeyValuePair.Create(each.Key[..^1], each.Value))
                .OrderByDescending(each => each.Key.Length),
        ];
        _aliases = catalogue.Aliases.Select(each => each.Alias).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        Names = _exact.Where(each => each.Value.Model.Contains('/', StringComparison.Ordinal) || _aliases.Contains(each.Value.Model))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The names of the map that stand for one name each, without those whose model is an alias that does not exist.</summary>
    public IReadOnlyDictionary<string, OpenAiModel> Names { get; }

    /// <param name="name">As sent; null or empty: the default model.</param>
    public NamedModel Find(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return default;
        name = name.Trim();
        var byDefault = name.StartsWith(OldNames, StringComparison.OrdinalIgnoreCase);
        if (Entry(name) is not { } entry)
            return new(name, name, byDefault);
        var answersUrls = string.IsNullOrWhiteSpace(entry.ResponseFormat) ? byDefault : entry.ResponseFormat == OpenAiOptions.Url;
        return new(entry.Model, string.IsNullOrWhiteSpace(entry.EditModel) ? entry.Model : entry.EditModel, answersUrls);
    }

    /// <summary>Resolves a model that must make images.</summary>
    /// <param name="target">From <see cref="Find"/>.</param>
    /// <param name="sent">The name as sent, for sentences.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">
    /// InvalidInput: it is known to make no images. Otherwise as from <see cref="ModelCatalogue.ResolveAsync"/>.
    /// </exception>
    public async ValueTask<ResolvedModel> ResolveAsync(string? target, string? sent, CancellationToken cancellationToken)
    {
        var model = await _catalogue.ResolveAsync(target, cancellationToken);
        return model.MayMakeImages ? model : throw NoImages(model, sent);
    }

    private OpenAiModel? Entry(string name)
    {
        if (_exact.TryGetValue(name, out var exact))
            return exact;
        if (_aliases.Contains(name))
            return null;
        foreach (var (beginning, entry) in _beginnings)
        {
            if (name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
                return entry;
        }
        return null;
    }

    private static GenApiException NoImages(ResolvedModel model, string? sent) => GenApiException.ForMember(
        ErrorKind.InvalidInput, "model",
        $"'{sent ?? model.Reference}' makes no images, and this route answers with images only. GET /v1/models lists models that do; "
        + "POST /generate runs models of every kind.");
}
