using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Predictions;

/// <summary>Accepts creations, the moment that costs money: makes the prediction, counts it and records it.</summary>
internal sealed class PredictionLedger(
    SandboxOptions options, PredictionBook book, PredictionEngine engine, InputPictures pictures, SandboxStats stats)
{
    public Prediction Accept(
        ModelDefinition model,
        ModelVersion version,
        CreationBody request,
        string baseUrl,
        TimeSpan? cancelAfter,
        IReadOnlyList<Fault> faults,
        string? deployment)
    {
        var plan = RunPlan.Of(model, request.Input, pictures, faults, options);
        var input = JsonSerializer.SerializeToUtf8Bytes(request.Input);
        var prediction = book.Add((number, id) =>
        {
            var now = Microseconds(engine.Now);
            return new Prediction
            {
                Id = id,
                Number = number,
                Model = model,
                Version = version.Id,
                BaseUrl = baseUrl,
                CreatedAt = now,
                Deadline = now + cancelAfter,
                ShowsDeadline = options.ShowsDeadlines,
                Webhook = request.Webhook,
                Deployment = deployment,
                Input = input,
                Plan = plan,
            };
        });
        stats.Created(prediction.Id);
        return prediction;
    }

    public void Begin(Prediction prediction) => engine.Begin(prediction);

    /// <summary>
    /// Cuts a time to six digits, as answers show it. With more digits, <c>created_after</c> of the shown time would exclude its own
    /// prediction.
    /// </summary>
    private static DateTimeOffset Microseconds(DateTimeOffset time) => new(time.Ticks / 10 * 10, time.Offset);
}
