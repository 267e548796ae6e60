using System.Text.Json.Serialization;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Api;

/// <summary>Reads answers. The last of several equal members wins, as usual in JSON readers; unknown members are ignored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = true,
    Converters = [typeof(LenientJson.Text), typeof(LenientJson.Number), typeof(LenientJson.Count), typeof(LenientJson.Flag),
        typeof(LenientJson.Time)])]
[JsonSerializable(typeof(CreateBody))]
[JsonSerializable(typeof(PredictionBody))]
[JsonSerializable(typeof(PageBody<PredictionBody>))]
[JsonSerializable(typeof(ModelBody))]
[JsonSerializable(typeof(PageBody<ModelBody>))]
[JsonSerializable(typeof(SearchBody))]
[JsonSerializable(typeof(VersionBody))]
[JsonSerializable(typeof(PageBody<VersionBody>))]
[JsonSerializable(typeof(CollectionBody))]
[JsonSerializable(typeof(PageBody<CollectionBody>))]
[JsonSerializable(typeof(AccountBody))]
[JsonSerializable(typeof(WebhookSecretBody))]
[JsonSerializable(typeof(HardwareBody[]))]
[JsonSerializable(typeof(FileBody))]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ReplicateJsonContext : JsonSerializerContext;
