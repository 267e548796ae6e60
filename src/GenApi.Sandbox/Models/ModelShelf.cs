using System.Collections.Concurrent;

namespace GenApi.Sandbox.Models;

/// <summary>Every model of one sandbox: those of the <see cref="Catalogue"/>, and those that callers made and trained.</summary>
internal sealed class ModelShelf
{
    private readonly ConcurrentDictionary<string, MadeModel> _made = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ModelDefinition> All => [.. Catalogue.Models, .. Made];

    private IEnumerable<ModelDefinition> Made =>
        _made.Values.Select(each => each.Now).OrderBy(each => each.CreatedAt, StringComparer.Ordinal);

    public ModelDefinition? Find(string owner, string name) => Catalogue.Find(owner, name) ?? FindMade($"{owner}/{name}");

    /// <summary>Finds a model that a caller made, which is the only kind that a training may write to.</summary>
    public ModelDefinition? FindMade(string fullName) => _made.GetValueOrDefault(fullName)?.Now;

    /// <inheritdoc cref="Catalogue.Resolve"/>
    public (ModelDefinition Model, ModelVersion Version)? Resolve(string reference)
    {
        if (Catalogue.Resolve(reference) is { } found)
            return found;
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        var id = reference[(colon + 1)..];
        return Made.Where(model => colon < 0 || reference.AsSpan(0, colon).Equals(model.FullName, StringComparison.OrdinalIgnoreCase))
            .SelectMany(model => model.Versions, (model, version) => ((ModelDefinition, ModelVersion)?)(model, version))
            .FirstOrDefault(each => each!.Value.Item2.Id == id);
    }

    /// <returns>False if the name is taken.</returns>
    public bool TryAdd(ModelDefinition model) =>
        Catalogue.Find(model.Owner, model.Name) is null && _made.TryAdd(model.FullName, new MadeModel(model));

    public bool Remove(string fullName) => _made.TryRemove(fullName, out _);

    /// <summary>Adds a version to a made model. The version exists once <paramref name="isThere"/> says so.</summary>
    /// <param name="fullName">The made model.</param>
    /// <param name="version">The version.</param>
    /// <param name="like">The model that was trained, whose inputs and output the version has.</param>
    /// <param name="isThere">Whether the training has succeeded.</param>
    public void Train(string fullName, ModelVersion version, ModelDefinition like, Func<bool> isThere) =>
        _made.GetValueOrDefault(fullName)?.Add(version, like, isThere);

    public void Clear() => _made.Clear();

    private sealed class MadeModel(ModelDefinition model)
    {
        private readonly ConcurrentStack<(ModelVersion Version, ModelDefinition Like, Func<bool> IsThere)> _trained = new();

        public ModelDefinition Now
        {
            get
            {
                var trained = _trained.Where(each => each.IsThere()).ToArray();
                return trained is not [var (_, like, _), ..] ? model : like with
                {
                    Owner = model.Owner,
                    Name = model.Name,
                    Description = model.Description,
                    Official = false,
                    IsPrivate = model.IsPrivate,
                    CreatedAt = model.CreatedAt,
                    RunCount = 0,
                    Versions = [.. trained.Select(each => each.Version)],
                };
            }
        }

        public void Add(ModelVersion version, ModelDefinition like, Func<bool> isThere) => _trained.Push((version, like, isThere));
    }
}
