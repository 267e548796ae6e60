using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// The identity of an answer: SHA-256 over the upstream, the model, its version and the input with its defaults and its files by their
/// bytes. The input is canonical JSON, so neither the order of members nor the form of numbers matters. A sandbox image never answers for a
/// real one. The key has 43 characters of base64url.
/// </summary>
internal static class CacheKey
{
    /// <param name="upstream"><c>replicate</c> or <c>sandbox</c>.</param>
    /// <param name="model">Its version is null for official models, which have none to choose.</param>
    /// <param name="account">The only account that it may answer; null: every account.</param>
    /// <param name="input">With its seed for the exact answer, without it for any answer to the same request.</param>
    public static string Of(string upstream, ResolvedModel model, Guid? account, NormalisedInput input)
    {
        // None of the parts can contain the separator. The places of files are added, so that no text of a caller can pass for a hash.
        var text = $"{upstream}\n{model.Reference}\n{model.Version}\n{CanonicalJson.Write(input.ForKey)}";
        if (input.Files.Count > 0)
            text += $"\n{string.Join(',', input.Files.Select(file => $"{file.Name}[{file.Index}]"))}";
        // No canonical JSON and no list of files begins like this.
        if (account is { } own)
            text += $"\naccount {own:N}";
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Base64Url.EncodeToString(hash);
    }
}
