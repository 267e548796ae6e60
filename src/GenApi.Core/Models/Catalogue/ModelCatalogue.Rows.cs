namespace GenApi.Core.Models.Catalogue;

/// <summary>Takes over what other instances have read about models.</summary>
public sealed partial class ModelCatalogue
{
    private const int ReferencesPerQuery = 100;

    /// <summary>Takes over the rows that are newer than what is in memory.</summary>
    internal async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var known = _slots.Where(static each => each.Value.Known is not null).ToDictionary(each => each.Key, each => each.Value);
        foreach (var references in known.Keys.Chunk(ReferencesPerQuery))
        {
            foreach (var (reference, row) in await _source.ListAsync(references, cancellationToken))
            {
                var slot = known[reference];
                if (_clock.FromWall(row.FetchedAt) > slot.Known?.FetchedAt)
                    slot.Known = await _source.LoadAsync(slot.Reference, cancellationToken) ?? slot.Known;
            }
        }
    }
}
