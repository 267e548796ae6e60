using System.Text.Json;
using GenApi.Core.Models.Catalogue;

namespace GenApi.Doors.OpenAi;

/// <summary>
/// <c>GET /v1/models</c>: the names that programs have built in (<see cref="OpenAiOptions.Models"/>) and the aliases of the service. Some
/// programs let users pick from this list only.
/// </summary>
internal sealed class ModelEndpoints(OpenAiModels models, ModelGuide guide)
{
    private const string Ours = "genapi";
    private const int MostAliases = 1_000;

    public async Task ListAsync(HttpContext context)
    {
        var aliases = await guide.ListAsync(MostAliases, null, context.RequestAborted);
        using var body = new DoorBody();
        var json = body.Json;
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var (name, entry) in models.Names.OrderBy(each => each.Key, StringComparer.OrdinalIgnoreCase))
            Write(json, name, Ours, entry.Model, 0);
        foreach (var alias in aliases.Models.Where(each => !models.Names.ContainsKey(each.Alias!)))
            Write(json, alias.Alias!, alias.Owner, alias.Reference, alias.DescribedAt?.ToUnixTimeSeconds() ?? 0);
        json.WriteEndArray();
        json.WriteEndObject();
        await body.WriteAsync(context);
    }

    public async Task GetAsync(string id, HttpContext context)
    {
        // Clients escape the slash of owner/name.
        var name = Uri.UnescapeDataString(id);
        var target = models.Find(name).Target;
        var model = await models.ResolveAsync(target, name, context.RequestAborted);
        using var body = new DoorBody();
        var isMapped = !string.Equals(target, name.Trim(), StringComparison.OrdinalIgnoreCase);
        Write(body.Json, name, isMapped ? Ours : model.Owner, isMapped ? target! : model.Reference, 0);
        await body.WriteAsync(context);
    }

    /// <param name="json">The answer.</param>
    /// <param name="id">The name for requests.</param>
    /// <param name="owner">The owner of the model.</param>
    /// <param name="root">The model that runs under the name.</param>
    /// <param name="created">In Unix seconds; 0: not known.</param>
    private static void Write(Utf8JsonWriter json, string id, string owner, string root, long created)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", "model");
        json.WriteNumber("created", created);
        json.WriteString("owned_by", owner);
        json.WriteString("root", root);
        json.WriteEndObject();
    }
}
