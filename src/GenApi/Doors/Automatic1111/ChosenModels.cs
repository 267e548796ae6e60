using System.Collections.Concurrent;
using GenApi.Core.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenApi.Doors.Automatic1111;

/// <summary>
/// The model of each key. The web UI has one checkpoint loaded for everybody, and its clients change it with <c>POST options</c>. Here the
/// choice holds for the key that made it, until the service restarts.
/// </summary>
internal sealed class ChosenModels(IOptions<ModelOptions> models)
{
    private const int MostKeys = 10_000;

    private readonly ConcurrentDictionary<Guid, string> _chosen = new();

    /// <summary>Returns the model of requests that name none: an alias or a reference.</summary>
    public string Of(Guid account) => _chosen.GetValueOrDefault(account, models.Value.Default);

    /// <summary>Sets it to a model that is known to exist.</summary>
    public void Choose(Guid account, string model)
    {
        if (_chosen.Count >= MostKeys && !_chosen.ContainsKey(account) && _chosen.Keys.FirstOrDefault() is var other)
            _chosen.TryRemove(other, out _);
        _chosen[account] = model;
    }
}
