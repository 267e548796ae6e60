using System.Data.Common;
using GenApi.Core.Persistence.Search;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>
/// The search index. A generation is a separate document for each account that sees it, and one for administrators. Each term begins with
/// the number of that account. So the rows of a term belong to one account, and a search reads nothing of other accounts: neither its time
/// nor its number of steps reveals them. The number of a document is that of its generation, followed by that of the account in
/// <see cref="AccountBits"/> bits, so documents are in the order of the list.
/// </summary>
public sealed partial class SqliteGenApiDbContext
{
    private const int AccountBits = 24;
    private const long MostNumber = long.MaxValue >> AccountBits;

    /// <summary>A step holds the writer for some hundredths of a second.</summary>
    private const int RowsPerStep = 100;
    private const int CharactersPerStep = 50_000;

    /// <summary>Administrators, whose number is 0.</summary>
    private static readonly byte[] Everybody = [0];

    private const string AddDocuments = """
        INSERT OR IGNORE INTO "SearchAccounts"("AccountId") VALUES ($account);
        INSERT OR REPLACE INTO "PromptTerms"(rowid, "Terms")
            SELECT $number << 24 | "Number", replace($terms, '_', "Number" || '_')
            FROM "SearchAccounts" WHERE "AccountId" = $account OR ($isNew AND "Number" = 0);
        """;

    /// <summary>
    /// Counts the documents that are missing and those that should not exist. Rows that still wait for the index do not count.
    /// </summary>
    private const string WrongDocuments = """
        WITH indexed("Number", "OwnerId") AS MATERIALIZED (
            SELECT "Number", iif("OwnerLeftAt" IS NULL, "OwnerId", x'00') FROM "Generations"
            WHERE "Number" NOT IN (SELECT "Number" FROM "UnindexedPrompts")),
        expected(id) AS (
            SELECT "Number" << 24 FROM indexed
            UNION SELECT i."Number" << 24 | a."Number" FROM indexed i LEFT JOIN "SearchAccounts" a ON a."AccountId" = i."OwnerId"
            UNION SELECT i."Number" << 24 | a."Number" FROM "GenerationGrants" g JOIN indexed i ON i."Number" = g."Number"
                LEFT JOIN "SearchAccounts" a ON a."AccountId" = g."AccountId"),
        actual(id) AS (SELECT rowid FROM "PromptTerms" WHERE rowid >> 24 NOT IN (SELECT "Number" FROM "UnindexedPrompts"))
        SELECT count(*) AS "Value" FROM (
            SELECT * FROM (SELECT id FROM expected EXCEPT SELECT id FROM actual)
            UNION ALL SELECT * FROM (SELECT id FROM actual EXCEPT SELECT id FROM expected))
        """;

    internal override async Task AddToSearchAsync(long number, string prompt, Guid account, bool isNew, CancellationToken cancellationToken)
    {
        await using var command = Command(AddDocuments);
        Set(command, number, SearchTerms.Of(prompt), account.ToByteArray(true), isNew);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal override IQueryable<long>? NumbersOfPromptsWith(Guid? account, string words, long beyond, int atMost, bool isUpwards)
    {
        if (SearchTerms.Phrases(words) is not { Count: > 0 } phrases)
            return null;
        // A phrase in quotes is text and no operator.
        var match = string.Join(' ', phrases.Select(phrase => $"\"{phrase.Text[1..]}\"{(phrase.MayGoOn ? " *" : "")}"));
        var id = account?.ToByteArray(true) ?? Everybody;
        if (isUpwards)
            return Upwards(match, id, beyond >= MostNumber ? long.MaxValue : (beyond + 1) << AccountBits, atMost);
        var end = beyond > MostNumber ? long.MaxValue : beyond << AccountBits;
        // An account without generations has no number; the mark alone is not a term of any prompt.
        return Database.SqlQuery<long>(
            $"""
            SELECT rowid >> 24 AS "Value" FROM "PromptTerms"
            WHERE "PromptTerms" MATCH coalesce(
                (SELECT replace({match}, '_', "Number" || '_') FROM "SearchAccounts" WHERE "AccountId" = {id}), '"_"') AND rowid < {end}
            ORDER BY rowid DESC LIMIT {atMost}
            """);
    }

    private IQueryable<long> Upwards(string match, byte[] id, long start, int atMost) => Database.SqlQuery<long>(
        $"""
        SELECT rowid >> 24 AS "Value" FROM "PromptTerms"
        WHERE "PromptTerms" MATCH coalesce(
            (SELECT replace({match}, '_', "Number" || '_') FROM "SearchAccounts" WHERE "AccountId" = {id}), '"_"') AND rowid >= {start}
        ORDER BY rowid LIMIT {atMost}
        """);

    internal override async Task<bool> IsSearchCompleteAsync(CancellationToken cancellationToken) =>
        (await NamesAsync("SELECT '' FROM \"UnindexedPrompts\" LIMIT 1", cancellationToken)).Count == 0;

    internal override async Task<int> ContinueSearchAsync(CancellationToken cancellationToken)
    {
        var documents = await WaitingAsync(cancellationToken);
        await using var add = Command(AddDocuments);
        Set(add, 0, "", [], false);
        await using var done = Command("DELETE FROM \"UnindexedPrompts\" WHERE \"Number\" = $number");
        var doneNumber = new SqliteParameter("$number", 0L);
        done.Parameters.Add(doneNumber);
        foreach (var each in documents.GroupBy(document => document.Number))
        {
            var terms = SearchTerms.Of(each.First().Prompt);
            foreach (var (_, _, account, isOwner) in each)
            {
                Set(add, each.Key, terms, account, isOwner);
                await add.ExecuteNonQueryAsync(cancellationToken);
            }
            doneNumber.Value = each.Key;
            await done.ExecuteNonQueryAsync(cancellationToken);
        }
        return documents.Count;
    }

    /// <summary>Reads waiting prompts, the newest first: searches want those.</summary>
    private async Task<List<(long Number, string Prompt, byte[] Account, bool IsOwner)>> WaitingAsync(CancellationToken cancellationToken)
    {
        await using var command = Command($"""
            WITH latest AS MATERIALIZED (SELECT "Number" FROM "UnindexedPrompts" ORDER BY "Number" DESC LIMIT {RowsPerStep}),
            sized AS (
                SELECT g."Number", sum(length(g."Prompt")) OVER (ORDER BY g."Number" DESC) - length(g."Prompt") AS before
                FROM latest l CROSS JOIN "Generations" g ON g."Number" = l."Number"),
            waiting AS MATERIALIZED (SELECT "Number" FROM sized WHERE before < {CharactersPerStep})
            SELECT g."Number", g."Prompt", iif(g."OwnerLeftAt" IS NULL, g."OwnerId", x'00'), 1
            FROM waiting w CROSS JOIN "Generations" g ON g."Number" = w."Number"
            UNION ALL
            SELECT g."Number", g."Prompt", s."AccountId", 0
            FROM waiting w CROSS JOIN "Generations" g ON g."Number" = w."Number" CROSS JOIN "GenerationGrants" s ON s."Number" = w."Number"
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var documents = new List<(long, string, byte[], bool)>();
        while (await reader.ReadAsync(cancellationToken))
            documents.Add((reader.GetInt64(0), reader.GetString(1), (byte[])reader.GetValue(2), reader.GetBoolean(3)));
        return documents;
    }

    private async Task RebuildSearchAsync(CancellationToken cancellationToken)
    {
        await Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using (var restart = Command("""
                INSERT INTO "PromptTerms"("PromptTerms") VALUES ('delete-all');
                INSERT OR IGNORE INTO "UnindexedPrompts" SELECT "Number" FROM "Generations";
                """))
                await restart.ExecuteNonQueryAsync(cancellationToken);
            int added;
            do
            {
                await using var transaction = await Database.BeginTransactionAsync(cancellationToken);
                added = await ContinueSearchAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
            while (added > 0);
        }
        finally
        {
            await Database.CloseConnectionAsync();
        }
    }

    /// <summary>Checks the index itself, then compares its documents with the rows.</summary>
    private async Task<bool> IsSearchWholeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Database.ExecuteSqlRawAsync("INSERT INTO \"PromptTerms\"(\"PromptTerms\") VALUES ('integrity-check')", cancellationToken);
            return await Database.SqlQueryRaw<long>(WrongDocuments).SingleAsync(cancellationToken) == 0;
        }
        catch (SqliteException damage) when (damage.SqliteExtendedErrorCode == CorruptVirtualTable)
        {
            return false;
        }
    }

    private DbCommand Command(string text)
    {
        var command = Database.GetDbConnection().CreateCommand();
        // All commands are constants of this class.
        command.CommandText = text;
        return command;
    }

    private static void Set(DbCommand command, long number, string terms, byte[] account, bool isNew)
    {
        command.Parameters.Clear();
        command.Parameters.Add(new SqliteParameter("$number", number));
        command.Parameters.Add(new SqliteParameter("$terms", terms));
        command.Parameters.Add(new SqliteParameter("$account", account));
        command.Parameters.Add(new SqliteParameter("$isNew", isNew));
    }
}
