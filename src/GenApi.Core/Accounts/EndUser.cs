namespace GenApi.Core.Accounts;

/// <summary>A person behind an API key, as the key's holder names them. GenApi does not check who they are.</summary>
/// <param name="Id">1 to <see cref="LongestId"/> characters; the holder's own name for the person.</param>
/// <param name="Email">At most <see cref="LongestEmail"/> characters, for reports; null: not given.</param>
/// <param name="Name">At most <see cref="LongestName"/> characters, for reports; null: not given.</param>
public sealed record EndUser(string Id, string? Email, string? Name)
{
    public const int LongestId = 128, LongestEmail = 320, LongestName = 200;
}
