using System.Globalization;
using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Accounts.Contracts;

/// <summary>Reads the parameters of GET /usage strictly.</summary>
internal sealed class UsageQueryReader(IQueryCollection parameters, DateTimeOffset now)
{
    private const int LongestDays = 3660;
    private const string Form = "must be a day such as 2026-01-31 or an RFC 3339 time such as 2026-01-31T12:00:00Z";

    private static readonly UpstreamWordsAttribute Upstreams = new();

    private readonly MemberErrors _errors = new();

    public static IReadOnlyList<QueryParameter> Parameters { get; } =
    [
        QueryParameter.Text(
            "from", "Start, inclusive: a day, or an RFC 3339 time (UTC). Absent: the beginning of this month.", "2026-01-01"),
        QueryParameter.Text(
            "to", "End: a day, which is included, or an RFC 3339 time, which is not. Absent: the end of the month.", "2026-01-31"),
        QueryParameter.Of("group_by", new WordsAttribute("UsageGrouping", typeof(UsageGrouping)), "What a row stands for. Absent: `day`."),
        QueryParameter.Text("key", $"Only this account: `key_…`, or one of {Words(AccountNames.Words)} for accounts without a key. "
            + "Without the right `admin`, another account's is 404."),
        QueryParameter.Text("end_user", "Only requests made for this person, by their `user` or header."),
        QueryParameter.Of("upstream", Upstreams, "Which upstream's usage. Absent: the one in use."),
    ];

    public static string Word(UsageGrouping by) => JsonNamingPolicy.SnakeCaseLower.ConvertName(by.ToString());

    /// <param name="caller">The caller; without the right <c>admin</c> it sees only its own account.</param>
    /// <param name="upstream">The upstream in use.</param>
    /// <exception cref="GenApiException">
    /// InvalidRequest, with all errors; NotFound if the key does not exist or belongs to another account.
    /// </exception>
    public UsageQuery Read(Caller caller, string upstream)
    {
        PageParameters.CheckNames(parameters, Parameters, _errors);
        var month = new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var from = Time("from", isEnd: false);
        // The default is one month: this one, the one after 'from', or the one before 'to'.
        var to = Time("to", isEnd: true) ?? (from >= month.AddMonths(1) ? from.Value.AddMonths(1) : month.AddMonths(1));
        var last = to.AddTicks(-1);
        var begin = from ?? (to <= month ? new DateTimeOffset(last.Year, last.Month, 1, 0, 0, 0, TimeSpan.Zero) : month);
        var account = Account();
        var query = new UsageQuery(begin, to, GroupBy(), Upstream() ?? upstream, account, Text("end_user"));
        if (begin >= to)
            _errors.Add("to", $"'to' must be later than 'from', which is {begin.UtcDateTime:u}; it is {to.UtcDateTime:u}.");
        else if ((to - begin).TotalDays > LongestDays)
            _errors.Add("from", $"'from' and 'to' may be at most {LongestDays} days apart.");
        _errors.ThrowIfAny();
        if (caller.Has(KeyRights.Admin))
            return query;
        return account is null || account == caller.AccountId
            ? query with { Account = caller.AccountId }
            : throw new GenApiException(ErrorKind.NotFound, "There is no such key.");
    }

    private static string Words(IEnumerable<string> words) => string.Join(", ", words.Select(word => $"`{word}`"));

    private string? Text(string name) => parameters[name] is [{ Length: > 0 } text, ..] ? text : null;

    private DateTimeOffset? Time(string name, bool isEnd)
    {
        if (Text(name) is not { } text)
            return null;
        // A report includes the day that ends it.
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day < DateOnly.MaxValue)
            return new DateTimeOffset(isEnd ? day.AddDays(1) : day, TimeOnly.MinValue, TimeSpan.Zero);
        if (Rfc3339.TryParseQuery(text, out var time))
            return time;
        _errors.Add(name, $"'{name}' {Form}; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    private UsageGrouping GroupBy()
    {
        if (Text("group_by") is not { } text)
            return UsageGrouping.Day;
        foreach (var by in Enum.GetValues<UsageGrouping>())
        {
            if (Word(by) == text)
                return by;
        }
        var words = string.Join(", ", Enum.GetValues<UsageGrouping>().Select(Word));
        _errors.Add("group_by", $"'group_by' must be one of {words}; it is \"{MemberErrors.Shorten(text)}\".");
        return default;
    }

    private Guid? Account()
    {
        if (Text("key") is not { } text)
            return null;
        if (AccountNames.TryParse(text, out var account))
            return account;
        var kind = PublicId.KindOf(text) is { } known ? $", the id of {known}" : "";
        var words = string.Join(", ", AccountNames.Words);
        _errors.Add(
            "key", $"'key' must be the id of a key (key_…) or one of {words}; it is \"{MemberErrors.Shorten(text)}\"{kind}.");
        return null;
    }

    private string? Upstream()
    {
        if (Text("upstream") is not { } text)
            return null;
        if (!Upstreams.Words.Contains(text))
            _errors.Add("upstream", $"'upstream' must be one of {string.Join(", ", Upstreams.Words)}; it is "
                + "\"{MemberErrors.Shorten(text)}\".");
        return text;
    }
}
