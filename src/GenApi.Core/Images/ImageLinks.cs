using GenApi.Core.Errors;
using GenApi.Core.Persistence;

namespace GenApi.Core.Images;

/// <summary>
/// Signs links that make one image readable for a limited time: <c>?expires=…&amp;sig=…</c>. A browser or a page without a key can show an
/// image this way. The expiry is rounded to an eighth of the link's life, so the same link is returned for a while and caches can use it.
/// </summary>
public sealed class ImageLinks : IPreparation
{
    public const string KeyFile = "image-link-key";

    /// <summary>The names of the two parameters.</summary>
    public const string Expires = "expires", Signature = "sig";

    private const int StepsInALife = 8;

    private readonly Lazy<byte[]> _key;
    private readonly long _life;
    private readonly long _step;

    /// <param name="secrets">The store of the signing key.</param>
    /// <param name="life">How long a link is valid; at least a minute.</param>
    public ImageLinks(ISecretStore secrets, TimeSpan life)
    {
        _key = new(() => LinkSignature.Load(secrets, KeyFile));
        _life = (long)life.TotalSeconds;
        _step = Math.Max(1, _life / StepsInALife);
    }

    /// <summary>
    /// Returns when links issued now expire, in Unix seconds: after at least seven eighths of the life and at most the whole of it.
    /// </summary>
    public long ExpiryFrom(DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        return seconds - seconds % _step + _life;
    }

    /// <summary>Returns the query string for an image's address.</summary>
    public string Query(Guid image, long expires) =>
        $"?{Expires}={expires}&{Signature}={LinkSignature.Of(_key.Value, image, expires)}";

    /// <summary>Returns whether <see cref="Query"/> issued this signature for the image. The caller checks the expiry.</summary>
    public bool IsOurs(Guid image, long expires, ReadOnlySpan<char> signature) =>
        LinkSignature.IsRight(_key.Value, image, expires, signature);

    /// <exception cref="SettingException">The key file can't be used.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        _ = _key.Value;
        return Task.CompletedTask;
    }
}
