namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// The parts of the PostgreSQL schema that the model does not describe, and the statements about them. The first migration runs
/// <see cref="Up"/>.
/// </summary>
internal static class PostgresSchema
{
    /// <summary>The server's clock, in microseconds since 1970.</summary>
    public const string Clock = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

    /// <summary>Adds the number of the writer's last transaction to <see cref="Clock"/>.</summary>
    public const string MarkToo = """, (SELECT "Number" FROM "WriterMarks" WHERE "Writer" = $1)""";

    /// <summary>
    /// Stores the mark, unless the transaction has written nothing: then its commit need not wait for the disk, and nothing can be lost.
    /// </summary>
    public const string SetMark =
        """
        INSERT INTO "WriterMarks" ("Writer", "Number", "At") SELECT $1, $2, $3 WHERE pg_current_xact_id_if_assigned() IS NOT NULL
        ON CONFLICT ("Writer") DO UPDATE SET "Number" = excluded."Number", "At" = excluded."At"
        """;

    /// <summary>Forgets writers that have not written since the time $1. A transaction is given up long before.</summary>
    public const string ForgetMarks = """DELETE FROM "WriterMarks" WHERE "At" < $1""";

    public const string Secret = """SELECT "Value" FROM "Secrets" WHERE "Name" = $1""";

    public const string Secrets = """SELECT "Name", "Value" FROM "Secrets" WHERE starts_with("Name", $1) ORDER BY "Name" """;

    public const string AddSecret = """INSERT INTO "Secrets" ("Name", "Value", "CreatedAt") VALUES ($1, $2, $3)""";

    public const string HasHistory = "SELECT 'yes' WHERE to_regclass('\"__EFMigrationsHistory\"') IS NOT NULL";

    public const string History = """SELECT "MigrationId" FROM "__EFMigrationsHistory" ORDER BY "MigrationId" COLLATE "C" """;

    /// <summary>Any table. The information schema would leave out tables that this user may not read.</summary>
    public const string AnyTable =
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND left(tablename, 4) <> '__EF' LIMIT 1";

    /// <summary>Everything beside the tables of the model, in the order in which it must be made.</summary>
    public static IReadOnlyList<string> Up { get; } =
    [
        // A row for each writer, which every transaction changes: room for its next version on the same page keeps the table small.
        """
        CREATE TABLE "WriterMarks" ("Writer" text COLLATE "C" PRIMARY KEY, "Number" bigint NOT NULL, "At" bigint NOT NULL)
        WITH (fillfactor = 20)
        """,
        // Search. The keys of a document are its terms, each after the number of the account, so a term's rows belong to one account.
        """
        CREATE TABLE "SearchAccounts" ("Number" integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "AccountId" uuid UNIQUE)
        """,
        """CREATE TABLE "PromptTexts" ("Number" bigint PRIMARY KEY, "Terms" text COLLATE "C" NOT NULL)""",
        """
        CREATE TABLE "PromptTerms" ("Number" bigint NOT NULL, "Account" integer NOT NULL, "Keys" tsvector NOT NULL,
            PRIMARY KEY ("Number", "Account"))
        """,
        """CREATE INDEX "IX_PromptTerms_Account_Number" ON "PromptTerms" ("Account", "Number")""",
        """CREATE INDEX "IX_PromptTerms_Keys" ON "PromptTerms" USING gin ("Keys")""",
        """CREATE TABLE "UnindexedPrompts" ("Number" bigint PRIMARY KEY)""",
        Function("genapi_audit_entries_refuse", "RAISE EXCEPTION 'Audit entries are never changed or deleted.';"),
        Trigger("AuditEntries_Delete", "BEFORE DELETE", "AuditEntries", "", "genapi_audit_entries_refuse"),
        Trigger("AuditEntries_Update", "BEFORE UPDATE", "AuditEntries", "", "genapi_audit_entries_refuse"),
        Function(
            "genapi_prompt_terms_left",
            """
            DELETE FROM "PromptTerms" WHERE "Number" = old."Number"
                AND "Account" = (SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = old."OwnerId");
            RETURN NULL;
            """),
        Trigger("PromptTerms_Left", "AFTER UPDATE OF \"OwnerLeftAt\"", "Generations", "WHEN (new.\"OwnerLeftAt\" IS NOT NULL)",
            "genapi_prompt_terms_left"),
        Function(
            "genapi_prompt_terms_removed",
            """
            DELETE FROM "PromptTerms" WHERE "Number" = old."Number";
            DELETE FROM "PromptTexts" WHERE "Number" = old."Number";
            DELETE FROM "UnindexedPrompts" WHERE "Number" = old."Number";
            RETURN NULL;
            """),
        Trigger("PromptTerms_Removed", "AFTER DELETE", "Generations", "", "genapi_prompt_terms_removed"),
        Function(
            "genapi_prompt_terms_taken",
            """
            DELETE FROM "PromptTerms" WHERE "Number" = old."Number"
                AND "Account" = (SELECT "Number" FROM "SearchAccounts" WHERE "AccountId" = old."AccountId");
            RETURN NULL;
            """),
        Trigger("PromptTerms_Taken", "AFTER DELETE", "GenerationGrants", "", "genapi_prompt_terms_taken"),
        Function("genapi_usage_days_added", $"{AddToDay}\nRETURN NULL;"),
        Trigger("UsageDays_Added", "AFTER INSERT", "UsageEntries", "", "genapi_usage_days_added"),
        .. PostgresChanges.Statements,
        PostgresIdentity.Table,
    ];

    /// <summary>Removes the tables of <see cref="Up"/>. The triggers go with the tables of the model.</summary>
    public static IReadOnlyList<string> Down { get; } =
    [
        """DROP TABLE "WriterMarks", "SearchAccounts", "PromptTexts", "PromptTerms", "UnindexedPrompts", "StoreIdentity" """,
    ];

    /// <summary>
    /// Leaves room in each page for later versions of its rows. An update that changes no index stays in its page then and writes to none
    /// of them: <c>Generations</c> has sixteen. Pages that are full already stay as they are. The function of changes is replaced too.
    /// </summary>
    public static IReadOnlyList<string> RoomForUpdates { get; } =
    [
        """ALTER TABLE "Generations" SET (fillfactor = 80)""",
        """ALTER TABLE "Images" SET (fillfactor = 90)""",
        PostgresChanges.Function,
    ];

    /// <summary>Takes <see cref="RoomForUpdates"/> back. The function writes the same as before.</summary>
    public static IReadOnlyList<string> NoRoomForUpdates { get; } =
        ["""ALTER TABLE "Generations" RESET (fillfactor)""", """ALTER TABLE "Images" RESET (fillfactor)"""];

    /// <summary>The ticks of 1970-01-01, from which the server's clock counts.</summary>
    private const long Epoch = 621_355_968_000_000_000;

    private const string AddToDay =
        """
        INSERT INTO "UsageDays" ("Day", "AccountId", "Model", "Upstream", "Status", "EndUser", "Runs", "Hits", "Joined", "Images",
            "PredictMilliseconds", "CostMicros", "SavedMicros", "Unpriced")
        VALUES (
            DATE '1970-01-01' + ((new."At" - 621355968000000000) / 864000000000)::integer, new."AccountId", new."Model", new."Upstream",
            new."Status", new."EndUser", (new."Kind" = 'Run')::integer, CASE new."Kind" WHEN 'Hit' THEN new."Count" ELSE 0 END,
            CASE new."Kind" WHEN 'Joined' THEN new."Count" ELSE 0 END, new."Images", new."PredictMilliseconds",
            COALESCE(new."CostMicros", 0), new."SavedMicros", (new."Kind" = 'Run' AND new."CostMicros" IS NULL)::integer)
        ON CONFLICT ("Day", "AccountId", "Model", "Upstream", "Status", "EndUser") DO UPDATE SET
            "Runs" = "UsageDays"."Runs" + excluded."Runs", "Hits" = "UsageDays"."Hits" + excluded."Hits",
            "Joined" = "UsageDays"."Joined" + excluded."Joined", "Images" = "UsageDays"."Images" + excluded."Images",
            "PredictMilliseconds" = "UsageDays"."PredictMilliseconds" + excluded."PredictMilliseconds",
            "CostMicros" = "UsageDays"."CostMicros" + excluded."CostMicros",
            "SavedMicros" = "UsageDays"."SavedMicros" + excluded."SavedMicros",
            "Unpriced" = "UsageDays"."Unpriced" + excluded."Unpriced";
        """;

    /// <summary>Converts the server's clock.</summary>
    /// <param name="microseconds">See <see cref="Clock"/>.</param>
    public static DateTimeOffset ToTime(long microseconds) => new(Epoch + microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    private static string Function(string name, string body) =>
        $"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN\n{body}\nEND $body$";

    private static string Trigger(string name, string when, string table, string condition, string function) =>
        $"CREATE TRIGGER \"{name}\" {when} ON \"{table}\" FOR EACH ROW {condition} EXECUTE FUNCTION {function}()";
}
