using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Generations;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Generations;

/// <summary>Lists predictions as the upstream does, between the requested times.</summary>
internal sealed class UpstreamList(CoreRig rig)
{
    private readonly List<(JsonObject Row, JsonObject Whole)> _all = [];

    /// <summary>The lists requested so far: created after and created before, in seconds from the test's beginning.</summary>
    public List<(double? After, double? Before)> Asked { get; } = [];

    /// <summary>How many pages the list has; the predictions are on the last one.</summary>
    public int Pages { get; set; } = 1;

    public DateTimeOffset Beginning { get; } = rig.Now;

    /// <summary>Adds a prediction of a generation.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="run">A generation that asked for the same.</param>
    /// <param name="seconds">When it was created, from the beginning of the test.</param>
    /// <param name="allowed">The seconds of its deadline; null: it shows none.</param>
    /// <param name="input">Another input.</param>
    /// <param name="status">Its status.</param>
    /// <param name="without">Members that the list leaves out.</param>
    public void Add(
        string id, Generation run, double seconds, double? allowed = null, object? input = null, string status = "processing",
        params string[] without)
    {
        var at = Beginning.AddSeconds(seconds);
        var whole = new JsonObject
        {
            ["id"] = id,
            ["model"] = run.Model,
            ["version"] = run.Version ?? "hidden",
            ["status"] = status,
            ["input"] = input is null ? JsonNode.Parse(run.Input) : JsonSerializer.SerializeToNode(input),
            ["created_at"] = at.ToString("O", CultureInfo.InvariantCulture),
        };
        if (allowed is { } longest)
            whole["deadline"] = at.AddSeconds(longest).ToString("O", CultureInfo.InvariantCulture);
        var row = whole.DeepClone().AsObject();
        foreach (var member in without)
            row.Remove(member);
        _all.Insert(0, (row, whole));
        rig.Answer($"GET /v1/predictions/{id}", whole.ToJsonString());
    }

    /// <summary>How often a prediction was asked for by its id.</summary>
    public int Gets(string id) => rig.Requests.Count(each => each.Target == $"/v1/predictions/{id}");

    public void Serve() => rig.Routes["GET /v1/predictions"] = context =>
    {
        var query = context.Request.Query;
        var page = int.Parse(query["cursor"].FirstOrDefault() ?? "1", CultureInfo.InvariantCulture);
        if (page == 1)
            Asked.Add((Seconds(query["created_after"]), Seconds(query["created_before"])));
        var (after, before) = Asked[^1];
        var rows = page < Pages ? [] : _all.Where(each => IsBetween(each.Whole, after, before)).Select(each => each.Row.DeepClone());
        var next = page < Pages ? $"{rig.UpstreamUrl}v1/predictions?cursor={page + 1}" : null;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject { ["next"] = next, ["results"] = new JsonArray([.. rows]) }.ToJsonString());
    };

    private double? Seconds(string? at) =>
        at is null ? null : (DateTimeOffset.Parse(at, CultureInfo.InvariantCulture) - Beginning).TotalSeconds;

    private bool IsBetween(JsonObject whole, double? after, double? before)
    {
        var at = Seconds(whole["created_at"]!.GetValue<string>());
        return !(at < after) && !(at > before);
    }
}
