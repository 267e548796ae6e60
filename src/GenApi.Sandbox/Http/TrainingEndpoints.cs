using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

/// <summary>Starts and shows trainings. One that succeeds gives its destination a version that runs like the trained model.</summary>
internal static class TrainingEndpoints
{
    public static void MapTrainings(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/models/{owner}/{name}/versions/{id}/trainings", CreateAsync);
        routes.MapGet("/v1/trainings", List);
        routes.MapGet("/v1/trainings/{id}", (string id, Trainings trainings, TimeProvider time) => Show(trainings.Find(id), time));
        routes.MapPost("/v1/trainings/{id}/cancel", (string id, Trainings trainings, PredictionEngine engine, TimeProvider time) =>
        {
            if (trainings.Find(id) is { } training)
                engine.Cancel(training);
            return Show(trainings.Find(id), time);
        });
    }

    private static async Task<IResult> CreateAsync(
        string owner, string name, string id, HttpContext http, ModelShelf models, Trainings trainings, TimeProvider time)
    {
        if (await ObjectBody.ReadAsync(http.Request) is not { } body)
            return ObjectBody.NotJson;
        var problems = new List<InvalidField>();
        if (CreationBody.Read(body, CreationBody.DestinationMember, problems) is not { } request)
            return Answers.InvalidInput(problems);
        if (models.Find(owner, name) is not { } model || model.Versions.FirstOrDefault(each => each.Id == id) is not { } version)
            return Answers.UnknownVersion;
        if (models.FindMade(request.Target!) is not { } destination)
            return Answers.Problem(404, null, "The specified training destination does not exist");
        var training = trainings.Start(model, version, destination, request, $"{http.Request.Scheme}://{http.Request.Host}");
        var answer = PredictionJson.Write(training, PredictionView.Created, time.GetUtcNow());
        trainings.Begin(training);
        return new BodyAnswer(201, answer);
    }

    private static IResult List(HttpContext http, Trainings trainings, TimeProvider time)
    {
        if (!Cursors.TryRead(http.Request, out var below, out var above))
            return Cursors.Invalid;
        var (rows, older, newer) = trainings.Page(Cursors.PageSize, below, above);
        return Cursors.Page(http.Request, rows.Count > 0 ? (rows[0].Number, rows[^1].Number) : null, older, newer, json =>
        {
            foreach (var training in rows)
                PredictionJson.Write(json, training, PredictionView.Row, time.GetUtcNow());
        });
    }

    private static IResult Show(Prediction? training, TimeProvider time) => training is null
        ? Answers.NotFound
        : new BodyAnswer(200, PredictionJson.Write(training, PredictionView.Full, time.GetUtcNow()));
}
