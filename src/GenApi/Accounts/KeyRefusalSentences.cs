using GenApi.Core.Accounts.Keys;

namespace GenApi.Accounts;

/// <summary>Says why a key is refused, without repeating a part of it.</summary>
internal static class KeyRefusalSentences
{
    public static string Sentence(this KeyRefusal refusal) => refusal switch
    {
        KeyRefusal.Revoked => "The API key has been revoked.",
        KeyRefusal.Expired => "The API key has expired.",
        KeyRefusal.Damaged => "The API key is incomplete: some of its characters are missing or wrong. Copy it again.",
        KeyRefusal.Rotated => "The API key has a new secret, which ended this session. Sign in again with the new one.",
        _ => "The API key is not known here.",
    };
}
