using System.Text.Json.Serialization;

namespace GenApi.Client;

/// <summary>
/// The JSON of the API. Names are in snake case, and amounts of money are numbers in a string; members unknown to this version are ignored.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(GenerateRequest))]
[JsonSerializable(typeof(Generation))]
[JsonSerializable(typeof(Page<Generation>))]
[JsonSerializable(typeof(Page<ListedImage>))]
[JsonSerializable(typeof(ImageTags))]
[JsonSerializable(typeof(GenerationProgress))]
[JsonSerializable(typeof(LogWritten))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Selection))]
[JsonSerializable(typeof(DeletedOutputs))]
[JsonSerializable(typeof(Upload))]
[JsonSerializable(typeof(Page<ModelSummary>))]
[JsonSerializable(typeof(Page<ModelVersion>))]
[JsonSerializable(typeof(ModelSearchResult))]
[JsonSerializable(typeof(ModelDetails))]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(Usage))]
[JsonSerializable(typeof(WebhookSecret))]
[JsonSerializable(typeof(WebhookMessage))]
internal sealed partial class ClientJson : JsonSerializerContext;
