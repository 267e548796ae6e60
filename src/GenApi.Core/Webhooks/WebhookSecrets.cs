using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Our own secrets: the installation's signing secret, the root of the accounts' signing secrets, and the key that signs the addresses for
/// upstream webhooks. The first start makes each of them. A secret is in no log, and in no row that is not encrypted.
/// </summary>
public sealed class WebhookSecrets(ISecretStore secrets, IOptions<WebhookOptions> options) : IPreparation
{
    public const string SigningFile = "webhook-signing-secret";
    public const string AddressFile = "webhook-address-key";

    /// <summary>Separate from the signing secret, which every receiver knows: the root gives the secrets of all accounts.</summary>
    public const string RootFile = "webhook-root-key";

    private const int MostSecrets = 2;

    private IReadOnlyList<WebhookSecret>? _signing;
    private WebhookSecret? _address;
    private (WebhookSecret Key, bool IsNew)? _root;

    /// <summary>The form of a text with secrets, for messages.</summary>
    public static string Form { get; } =
        $"whsec_ and the base64 of {WebhookSecret.Shortest} to {WebhookSecret.Longest} bytes, or two of these separated by a space";

    /// <summary>The installation's signing secrets, newest first; each makes a signature.</summary>
    public IReadOnlyList<WebhookSecret> Signing => _signing ?? throw NotStarted();

    public WebhookSecret Address => _address ?? throw NotStarted();

    /// <summary>True if this process made the root because there was none.</summary>
    public bool IsRootNew => (_root ?? throw NotStarted()).IsNew;

    /// <summary>
    /// Returns the secret of an account: the same at every start, and another one for each account and each salt. A salt is not secret;
    /// without the root it reveals nothing.
    /// </summary>
    /// <param name="account">The account. This room does not know what it is.</param>
    /// <param name="salt">Of any length, including 0.</param>
    public WebhookSecret Of(Guid account, ReadOnlySpan<byte> salt) => (_root ?? throw NotStarted()).Key.Derive(account, salt);

    /// <summary>Reads one or two secrets.</summary>
    /// <returns>Null for a text that does not have the <see cref="Form"/>.</returns>
    public static IReadOnlyList<WebhookSecret>? Parse(string text)
    {
        var secrets = new List<WebhookSecret>();
        foreach (var part in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!WebhookSecret.TryParse(part, out var secret) || secret.Length is < WebhookSecret.Shortest or > WebhookSecret.Longest)
                return null;
            secrets.Add(secret);
        }
        return secrets.Count is 0 or > MostSecrets ? null : secrets;
    }

    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        _signing = options.Value.SigningSecret is { Length: > 0 } set ? Parse(set) : Load(SigningFile);
        _address = Load(AddressFile)[0];
        var isNew = !secrets.Has(RootFile);
        _root = (Load(RootFile)[0], isNew);
        return Task.CompletedTask;
    }

    private IReadOnlyList<WebhookSecret> Load(string name) =>
        Parse(secrets.ReadOrMake(name, "Webhooks", static () => WebhookSecret.New().Reveal()))
            ?? throw new SettingException("Webhooks", $"{secrets.PlaceOf(name)} must hold {Form}. It was left unchanged.");

    private static InvalidOperationException NotStarted() => new("The secrets are read when the service starts.");
}
