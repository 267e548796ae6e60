using System.Collections.Concurrent;
using System.Text.Json;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

/// <summary>A named way to run one version. Changing it makes a new release.</summary>
internal sealed record Deployment(
    string Name, ModelDefinition Model, ModelVersion Version, string Hardware, int MinInstances, int MaxInstances, int Release,
    DateTimeOffset CreatedAt)
{
    public string FullName => $"{AccountEndpoints.Username}/{Name}";
}

internal sealed class Deployments
{
    private readonly ConcurrentDictionary<string, Deployment> _all = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<Deployment> Newest => _all.Values.OrderByDescending(each => each.CreatedAt);

    public Deployment? Find(string owner, string name) => _all.GetValueOrDefault($"{owner}/{name}");

    public bool TryAdd(Deployment deployment) => _all.TryAdd(deployment.FullName, deployment);

    public void Change(Deployment deployment) => _all[deployment.FullName] = deployment;

    public bool Remove(string owner, string name) => _all.TryRemove($"{owner}/{name}", out _);

    public void Clear() => _all.Clear();
}

/// <summary>Makes, shows, changes, deletes and runs deployments of the one account. Instances are numbers without effect.</summary>
internal static class DeploymentEndpoints
{
    private const int MostMinInstances = 5;
    private const int MostMaxInstances = 20;

    private static readonly string[] Members = ["name", "model", "version", "hardware", "min_instances", "max_instances"];

    public static void MapDeployments(this IEndpointRouteBuilder routes)
    {
        const string one = "/v1/deployments/{owner}/{name}";
        routes.MapGet("/v1/deployments", (Deployments deployments) => ModelEndpoints.Page(json =>
        {
            foreach (var deployment in deployments.Newest)
                Write(json, deployment);
        }));
        routes.MapPost("/v1/deployments", CreateAsync);
        routes.MapGet(one, (string owner, string name, Deployments deployments) =>
            deployments.Find(owner, name) is { } found ? Answers.Json(json => Write(json, found)) : Answers.NotFound);
        routes.MapPatch(one, ChangeAsync);
        routes.MapDelete(one, (string owner, string name, Deployments deployments) =>
            deployments.Remove(owner, name) ? Results.NoContent() : Answers.NotFound);
        routes.MapPost($"{one}/predictions",
            (string owner, string name, HttpContext http, Deployments deployments, PredictionCreation creation) =>
                deployments.Find(owner, name) is { } found
                    ? creation.HandleAsync(http, (found.Model, found.Version), byVersion: false, found.FullName)
                    : creation.HandleAsync(http, null, byVersion: false));
    }

    private static async Task<IResult> CreateAsync(HttpContext http, Deployments deployments, ModelShelf models, TimeProvider time)
    {
        if (await ObjectBody.ReadAsync(http.Request) is not { } body)
            return ObjectBody.NotJson;
        List<InvalidField> problems = [.. ObjectBody.Unknown(body, Members)];
        problems.AddRange(Members.Where(name => !body.TryGetProperty(name, out _))
            .Select(name => new InvalidField("required", "", $"{name} is required")));
        CheckInstances(body, problems);
        if (problems.Count > 0)
            return Answers.InvalidInput(problems);
        if (models.Resolve($"{ObjectBody.Text(body, "model")}:{ObjectBody.Text(body, "version")}") is not { } found)
            return Answers.UnknownVersion;
        var deployment = new Deployment(
            ObjectBody.Text(body, "name") ?? "", found.Model, found.Version, ObjectBody.Text(body, "hardware") ?? "",
            ObjectBody.Number(body, "min_instances")!.Value, ObjectBody.Number(body, "max_instances")!.Value, 1, time.GetUtcNow());
        return deployments.TryAdd(deployment)
            ? Answers.Json(json => Write(json, deployment))
            : Answers.Problem(409, "Conflict", $"A deployment with the name {deployment.FullName} already exists.");
    }

    private static async Task<IResult> ChangeAsync(
        string owner, string name, HttpContext http, Deployments deployments, ModelShelf models, TimeProvider time)
    {
        if (deployments.Find(owner, name) is not { } found)
            return Answers.NotFound;
        if (await ObjectBody.ReadAsync(http.Request) is not { } body)
            return ObjectBody.NotJson;
        List<InvalidField> problems = [.. ObjectBody.Unknown(body, Members[2..])];
        CheckInstances(body, problems);
        if (problems.Count > 0)
            return Answers.InvalidInput(problems);
        var version = found.Version;
        if (ObjectBody.Text(body, "version") is { } id)
        {
            if (models.Resolve($"{found.Model.FullName}:{id}") is not { } other)
                return Answers.UnknownVersion;
            version = other.Version;
        }
        var changed = found with
        {
            Version = version,
            Hardware = ObjectBody.Text(body, "hardware") ?? found.Hardware,
            MinInstances = ObjectBody.Number(body, "min_instances") ?? found.MinInstances,
            MaxInstances = ObjectBody.Number(body, "max_instances") ?? found.MaxInstances,
            Release = found.Release + 1,
            CreatedAt = time.GetUtcNow(),
        };
        deployments.Change(changed);
        return Answers.Json(json => Write(json, changed));
    }

    private static void CheckInstances(JsonElement body, List<InvalidField> problems)
    {
        foreach (var (name, most) in new[] { ("min_instances", MostMinInstances), ("max_instances", MostMaxInstances) })
        {
            if (body.TryGetProperty(name, out _) && (ObjectBody.Number(body, name) is not { } number || number < 0 || number > most))
                problems.Add(new("number_lte", name, $"{name} must be a whole number from 0 to {most}"));
        }
    }

    private static void Write(Utf8JsonWriter json, Deployment deployment)
    {
        json.WriteStartObject();
        json.WriteString("owner", AccountEndpoints.Username);
        json.WriteString("name", deployment.Name);
        json.WriteStartObject("current_release");
        json.WriteNumber("number", deployment.Release);
        json.WriteString("model", deployment.Model.FullName);
        json.WriteString("version", deployment.Version.Id);
        json.WriteString("created_at", PredictionJson.Text(deployment.CreatedAt));
        json.WritePropertyName("created_by");
        AccountEndpoints.Write(json);
        json.WriteStartObject("configuration");
        json.WriteString("hardware", deployment.Hardware);
        json.WriteNumber("min_instances", deployment.MinInstances);
        json.WriteNumber("max_instances", deployment.MaxInstances);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
