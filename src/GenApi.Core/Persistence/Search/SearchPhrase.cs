namespace GenApi.Core.Persistence.Search;

/// <summary>A word of a search: terms that follow one another in a prompt.</summary>
/// <param name="Text">A blank, <see cref="SearchTerms.Mark"/> and the term, for each term.</param>
/// <param name="MayGoOn">Whether the last term may be the beginning of a longer one.</param>
internal readonly record struct SearchPhrase(string Text, bool MayGoOn)
{
    /// <summary>The terms, without their marks.</summary>
    public IReadOnlyList<string> Terms => Text.Split($" {SearchTerms.Mark}", StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The part that the terms of a prompt must contain, where a blank also follows the last one.</summary>
    public string InARow => MayGoOn ? Text : Text + ' ';
}
