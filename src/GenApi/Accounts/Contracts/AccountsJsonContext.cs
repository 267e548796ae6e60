using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Hosting;
using GenApi.Hosting.Health;

namespace GenApi.Accounts.Contracts;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(KeyContract))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(UsageContract))]
[JsonSerializable(typeof(MeContract))]
[JsonSerializable(typeof(CursorPage<KeyContract>), TypeInfoPropertyName = "KeyPage")]
[JsonSerializable(typeof(SessionContract))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(WebhookSecretContract))]
[JsonSerializable(typeof(AuditEntryContract))]
[JsonSerializable(typeof(CursorPage<AuditEntryContract>), TypeInfoPropertyName = "AuditPage")]
internal sealed partial class AccountsJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="ApiJsonContext.Answers"/>
    public static AccountsJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
