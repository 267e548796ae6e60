using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Predictions;

/// <summary>
/// All trainings. One lives like a prediction: the engine walks it to its end, and its webhooks are those of a run. It is not counted as a
/// prediction.
/// </summary>
internal sealed class Trainings(SandboxOptions options, PredictionEngine engine, InputPictures pictures, ModelShelf models)
{
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(2);

    private readonly PredictionBook _book = new(options.MaxPredictions);

    public Prediction? Find(string id) => _book.Find(id);

    /// <inheritdoc cref="PredictionBook.Page"/>
    public (List<Prediction> Rows, bool Older, bool Newer) Page(int size, long? below, long? above) =>
        _book.Page(size, below, above, static _ => true);

    public Prediction Start(
        ModelDefinition model, ModelVersion version, ModelDefinition destination, CreationBody request, string baseUrl)
    {
        var trained = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var trainer = model with
        {
            Official = false,
            Inputs = [],
            Ending = Ending.Succeeds,
            Log = LogStyle.None,
            StepTime = TimeSpan.Zero,
            BaseTime = Duration,
            Output = OutputShape.SingleFile,
            OutputTemplate = new JsonObject { ["version"] = $"{destination.FullName}:{trained}", ["weights"] = "$zip" }.ToJsonString(),
        };
        using var nothing = JsonDocument.Parse("{}");
        var plan = RunPlan.Of(trainer, nothing.RootElement, pictures, [], options);
        var training = _book.Add((number, id) => new Prediction
        {
            Id = id,
            Number = number,
            Model = trainer,
            Version = version.Id,
            Destination = destination.FullName,
            BaseUrl = baseUrl,
            CreatedAt = engine.Now,
            ShowsDeadline = false,
            Webhook = request.Webhook,
            Input = JsonSerializer.SerializeToUtf8Bytes(request.Input),
            Plan = plan,
        });
        models.Train(
            destination.FullName, new ModelVersion(trained, PredictionJson.Text(training.CreatedAt)), model,
            () => training.Status == PredictionStatus.Succeeded);
        return training;
    }

    public void Begin(Prediction training) => engine.Begin(training);

    public void Clear()
    {
        foreach (var training in _book.Clear())
            engine.Cancel(training);
    }
}
