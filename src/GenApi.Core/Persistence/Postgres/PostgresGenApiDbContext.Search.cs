using GenApi.Core.Persistence.Rows;
using GenApi.Core.Persistence.Search;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// The search index. A generation is a separate document for each account that sees it, and one for administrators, whose number is 0. Each
/// key of a document is a term after the number of that account. So a search reads nothing of other accounts, and neither its time nor its
/// number of steps reveals them. The keys find documents that have all terms; whether a phrase has them in a row is checked in the terms
/// themselves, because a tsvector forgets positions above 16,383 and the 257th of a term.
/// </summary>
public sealed partial class PostgresGenApiDbContext
{
    /// <summary>A step holds the writer for some hundredths of a second.</summary>
    private const int RowsPerStep = 100;
    private const int CharactersPerStep = 50_000;

    /// <summary>A tsvector holds at most 1 MB. A prompt with more different terms is found by those that come first.</summary>
    private const int MostKeyBytes = 900_000;

    private const string AddText =
        """
        INSERT INTO "PromptTexts" ("Number", "Terms") VALUES (@p0, @p1) ON CONFLICT ("Number") DO UPDATE SET "Terms" = excluded."Terms"
        """;

    /// <summary>
    /// Numbers the account @p0 if it has no number. It is asked first, because a refused insert would use up a number. A list of accounts
    /// would be planned at each use.
    /// </summary>
    private const string AddAccount =
        """
        INSERT INTO "SearchAccounts" ("AccountId") SELECT @p0 WHERE NOT EXISTS (SELECT FROM "SearchAccounts" WHERE "AccountId" = @p0)
        """;

    /// <summary>Adds the documents of the accounts @p1 and, if @p2, that of administrators.</summary>
    private const string AddDocuments =
        """
        INSERT INTO "PromptTerms" ("Number", "Account", "Keys")
            SELECT @p0, a."Number", array_to_tsvector(ARRAY(SELECT a."Number" || term FROM unnest(@p3::text[]) AS term))
            FROM (SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = ANY(@p1) UNION ALL SELECT 0 WHERE @p2) AS a
        ON CONFLICT ("Number", "Account") DO UPDATE SET "Keys" = excluded."Keys"
        """;

    /// <summary>
    /// Counts the documents that are missing and those that should not exist. Rows that still wait for the index do not count.
    /// </summary>
    private const string WrongDocuments =
        """
        WITH indexed AS MATERIALIZED (
            SELECT g."Number", CASE WHEN g."OwnerLeftAt" IS NULL THEN g."OwnerId" END AS "OwnerId" FROM "Generations" AS g
            WHERE NOT EXISTS (SELECT FROM "UnindexedPrompts" AS u WHERE u."Number" = g."Number")),
        expected AS (
            SELECT "Number", 0 AS "Account" FROM indexed
            UNION SELECT i."Number", COALESCE(a."Number", -1) FROM indexed AS i
                LEFT JOIN "SearchAccounts" AS a ON a."AccountId" = i."OwnerId" WHERE i."OwnerId" IS NOT NULL
            UNION SELECT i."Number", COALESCE(a."Number", -1) FROM "GenerationGrants" AS g JOIN indexed AS i ON i."Number" = g."Number"
                LEFT JOIN "SearchAccounts" AS a ON a."AccountId" = g."AccountId"),
        actual AS (
            SELECT "Number", "Account" FROM "PromptTerms" AS t
            WHERE NOT EXISTS (SELECT FROM "UnindexedPrompts" AS u WHERE u."Number" = t."Number"))
        SELECT count(*) AS "Value" FROM (
            (SELECT * FROM expected EXCEPT SELECT * FROM actual) UNION ALL (SELECT * FROM actual EXCEPT SELECT * FROM expected)
            UNION ALL SELECT i."Number", -2 FROM indexed AS i
                WHERE NOT EXISTS (SELECT FROM "PromptTexts" AS t WHERE t."Number" = i."Number")) AS wrong
        """;

    internal override Task AddToSearchAsync(long number, string prompt, Guid account, bool isNew, CancellationToken cancellationToken) =>
        AddAsync(number, prompt, [account], isNew, cancellationToken);

    internal override IQueryable<long>? NumbersOfPromptsWith(Guid? account, string words, long beyond, int atMost, bool isUpwards)
    {
        if (SearchTerms.Phrases(words) is not { Count: > 0 } phrases)
            return null;
        var keys = string.Join(" & ", phrases.SelectMany(phrase => phrase.Terms.Select((term, at) =>
            $"'{SearchTerms.Mark}{Escaped(term)}'{(phrase.MayGoOn && at == phrase.Terms.Count - 1 ? ":*" : "")}")).Distinct());
        var rows = phrases.Where(phrase => phrase.Terms.Count > 1).Select(phrase => phrase.InARow).ToArray();
        var (from, order) = isUpwards ? ("> {3}", "") : ("< {3}", "DESC");
        // An account without generations has no number, and finds nothing. Only the two words above are put into the text.
        var query =
            $$"""
            SELECT p."Number" AS "Value" FROM "PromptTerms" AS p
            WHERE p."Account" = {{(account is null ? "0" : """(SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = {0})""")}}
                AND p."Keys" @@ (SELECT replace({1}, '''_', '''' || {{(account is null
                    ? "'0'" : """(SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = {0})""")}} || '_')::tsquery)
                AND p."Number" {{from}}
                {{(rows.Length == 0 ? "" : """
                AND NOT EXISTS (SELECT FROM unnest({2}::text[]) AS phrase
                    WHERE strpos((SELECT t."Terms" FROM "PromptTexts" AS t WHERE t."Number" = p."Number"), phrase) = 0)
                """)}}
            ORDER BY p."Number" {{order}} LIMIT {4}
            """;
        return Database.SqlQueryRaw<long>(query, account ?? Guid.Empty, keys, rows, beyond, atMost);
    }

    internal override async Task<bool> IsSearchCompleteAsync(CancellationToken cancellationToken) =>
        (await NamesAsync("SELECT 'waits' FROM \"UnindexedPrompts\" LIMIT 1", cancellationToken)).Count == 0;

    internal override async Task<int> ContinueSearchAsync(CancellationToken cancellationToken)
    {
        var documents = 0;
        foreach (var (number, prompt, accounts) in await WaitingAsync(cancellationToken))
        {
            await AddAsync(number, prompt, accounts, isNew: true, cancellationToken);
            await Database.ExecuteSqlAsync($"""DELETE FROM "UnindexedPrompts" WHERE "Number" = {number}""", cancellationToken);
            documents += accounts.Length + 1;
        }
        return documents;
    }

    private async Task AddAsync(long number, string prompt, Guid[] accounts, bool isNew, CancellationToken cancellationToken)
    {
        var text = SearchTerms.Of(prompt);
        if (isNew)
            await this.ExecuteLaterAsync(new(AddText, number, text + ' '), null, cancellationToken);
        foreach (var account in accounts)
            await this.ExecuteLaterAsync(new(AddAccount, account), null, cancellationToken);
        await this.ExecuteLaterAsync(
            new(AddDocuments, number, new(null, accounts), new(null, isNew), new(null, Keys(text))), null, cancellationToken);
    }

    /// <summary>Returns the different terms, each after <see cref="SearchTerms.Mark"/>.</summary>
    private static string[] Keys(string text)
    {
        var keys = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        // Beside its bytes, an entry takes 4 and the number of the account.
        var bytes = 0;
        return [.. keys.TakeWhile(key => (bytes += System.Text.Encoding.UTF8.GetByteCount(key) + 16) < MostKeyBytes)];
    }

    /// <summary>Reads waiting prompts, the newest first: searches want those.</summary>
    private Task<List<(long Number, string Prompt, Guid[] Accounts)>> WaitingAsync(CancellationToken cancellationToken)
    {
        var query =
            $"""
            WITH latest AS MATERIALIZED (SELECT "Number" FROM "UnindexedPrompts" ORDER BY "Number" DESC LIMIT {RowsPerStep}),
            sized AS (
                SELECT l."Number", sum(length(g."Prompt")) OVER (ORDER BY l."Number" DESC) - length(g."Prompt") AS before
                FROM latest AS l LEFT JOIN "Generations" AS g ON g."Number" = l."Number")
            SELECT s."Number", g."Prompt", ARRAY(
                SELECT "AccountId" FROM "GenerationGrants" WHERE "Number" = s."Number"
                UNION SELECT g."OwnerId" WHERE g."OwnerLeftAt" IS NULL)
            FROM sized AS s JOIN "Generations" AS g ON g."Number" = s."Number" WHERE s.before < {CharactersPerStep}
            """;
        return this.QueryAsync(query, static row => (row.Long(), row.Text(), row.Ids()), cancellationToken);
    }

    private async Task RebuildSearchAsync(CancellationToken cancellationToken)
    {
        await Database.ExecuteSqlRawAsync(
            """
            TRUNCATE "PromptTerms", "PromptTexts";
            INSERT INTO "UnindexedPrompts" SELECT "Number" FROM "Generations" ON CONFLICT DO NOTHING;
            """,
            cancellationToken);
        int added;
        do
        {
            await using var transaction = await Database.BeginTransactionAsync(cancellationToken);
            added = await ContinueSearchAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        while (added > 0);
    }

    private async Task<bool> IsSearchWholeAsync(CancellationToken cancellationToken) =>
        await Database.SqlQueryRaw<long>(WrongDocuments).SingleAsync(cancellationToken) == 0;

    /// <summary>Escapes a term within the quotes of a tsquery. Terms are letters, digits and signs, but nothing may rest on that.</summary>
    private static string Escaped(string term) =>
        term.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal);
}
