namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// The triggers of PostgreSQL that write every change of a row into the table "Changes", in the transaction of the change. So no statement
/// can forget one, and no crash loses one. The instance names itself in the setting <see cref="InstanceSetting"/> of its transaction. All
/// statements may run again.
/// </summary>
internal static class PostgresChanges
{
    /// <summary>The setting of a transaction that names the instance that writes.</summary>
    public const string InstanceSetting = "genapi.instance";

    /// <summary>The statements in their order. The tables must exist.</summary>
    public static IReadOnlyList<string> Statements { get; } =
    [
        Function, Generations, On("Generations", "generation", "INSERT OR DELETE"),
        // A lease that is renewed, a mark or a use writes the row as well. Only what callers can see makes the revision grow.
        On("Generations", "generation", "UPDATE", "OLD.\"Revision\" IS DISTINCT FROM NEW.\"Revision\"", "update"),
        Grants, On("GenerationGrants", "grant", "INSERT OR DELETE"),
        // A new output shows by its generation, and no memory knows it yet.
        Images, On("Images", "image", "UPDATE OR DELETE"),
        Tags, On("ImageTags", "tag", "INSERT OR DELETE"),
        Variants, On("ImageVariants", "variant", "DELETE"),
        Keys, On("ApiKeys", "key", "INSERT OR DELETE"),
        On("ApiKeys", "key", "UPDATE", "OLD.\"Revision\" IS DISTINCT FROM NEW.\"Revision\"", "update"),
        Uploads, On("Uploads", "upload", "INSERT OR UPDATE OR DELETE"),
        Notices, On("PredictionNotices", "notice", "INSERT"),
        Models, On("Models", "model", "INSERT OR UPDATE OR DELETE"),
    ];

    /// <summary>
    /// Writes one change. The time is in ticks, by the database's clock. The language keeps the plan of the statement for the session; a
    /// function in SQL is planned again in each transaction.
    /// </summary>
    public const string Function = """
        CREATE OR REPLACE FUNCTION genapi_change(kind integer, subject uuid, number bigint, account uuid) RETURNS void
        LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO "Changes" ("Kind", "Subject", "Number", "Account", "Source", "At")
            VALUES ($1, $2, $3, $4, nullif(current_setting('genapi.instance', true), ''),
                (extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 621355968000000000);
        END $$
        """;

    /// <summary>
    /// A change's number says what listeners need to know before they read the row: see Cluster/GenerationMarks. A generation that its
    /// owner has deleted is gone for everybody, although its row stays until its run has ended. An owner that left it to others lost a
    /// grant.
    /// </summary>
    private const string Generations = """
        CREATE OR REPLACE FUNCTION genapi_generation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE marks integer;
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF OLD."DeleteRequestedAt" IS NULL THEN
                    PERFORM genapi_change(2, OLD."Id", NULL, CASE WHEN OLD."OwnerLeftAt" IS NULL THEN OLD."OwnerId" END);
                END IF;
                RETURN NULL;
            END IF;
            marks := CASE WHEN NEW."CompletedAt" IS NOT NULL THEN 2 WHEN NEW."Lease_Owner" IS NULL THEN 4 ELSE 0 END;
            IF TG_OP = 'INSERT' THEN
                PERFORM genapi_change(1, NEW."Id", marks, NEW."OwnerId");
                RETURN NULL;
            END IF;
            IF OLD."CompletedAt" IS NOT NULL THEN
                marks := marks + 1;
            END IF;
            PERFORM genapi_change(1, NEW."Id", marks, NEW."OwnerId");
            IF NEW."CompletedAt" IS NULL AND NEW."CancelRequestedAt" IS NOT NULL AND OLD."CancelRequestedAt" IS NULL THEN
                PERFORM genapi_change(11, NEW."Id", NULL, NEW."OwnerId");
            END IF;
            IF NEW."OwnerLeftAt" IS NOT NULL AND OLD."OwnerLeftAt" IS NULL THEN
                PERFORM genapi_change(4, NEW."Id", NULL, NEW."OwnerId");
            END IF;
            IF NEW."DeleteRequestedAt" IS NOT NULL AND OLD."DeleteRequestedAt" IS NULL THEN
                PERFORM genapi_change(4, NEW."Id", NULL, "AccountId") FROM "GenerationGrants" WHERE "Number" = NEW."Number";
                PERFORM genapi_change(2, NEW."Id", NULL, CASE WHEN NEW."OwnerLeftAt" IS NULL THEN NEW."OwnerId" END);
            END IF;
            RETURN NULL;
        END $$
        """;

    /// <summary>
    /// A grant names its generation by number. Where that row is deleted first, its own change says so. Where its deletion was requested,
    /// the grants' ends have been reported.
    /// </summary>
    private const string Grants = """
        CREATE OR REPLACE FUNCTION genapi_grant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                PERFORM genapi_change(3, "Id", "Number", NEW."AccountId") FROM "Generations" WHERE "Number" = NEW."Number";
            ELSE
                PERFORM genapi_change(4, "Id", "Number", OLD."AccountId") FROM "Generations"
                    WHERE "Number" = OLD."Number" AND "DeleteRequestedAt" IS NULL;
            END IF;
            RETURN NULL;
        END $$
        """;

    /// <summary>
    /// An output's change names its generation in place of an account. The number is 1 for an image and 0 for a file, if it went into the
    /// bin, came back, or was deleted without the bin; null: callers who follow generations need not learn of it.
    /// </summary>
    private const string Images = """
        CREATE OR REPLACE FUNCTION genapi_image_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                PERFORM genapi_change(6, OLD."Id", CASE WHEN OLD."BinnedAt" IS NULL THEN (OLD."Kind" = 'Image')::integer END,
                    OLD."GenerationId");
            ELSIF NEW."BinnedAt" IS NOT NULL AND OLD."BinnedAt" IS NULL THEN
                PERFORM genapi_change(6, NEW."Id", (NEW."Kind" = 'Image')::integer, NEW."GenerationId");
            ELSIF NEW."BinnedAt" IS NULL AND OLD."BinnedAt" IS NOT NULL THEN
                PERFORM genapi_change(5, NEW."Id", (NEW."Kind" = 'Image')::integer, NEW."GenerationId");
            ELSE
                PERFORM genapi_change(5, NEW."Id", NULL, NEW."GenerationId");
            END IF;
            RETURN NULL;
        END $$
        """;

    private const string Tags = """
        CREATE OR REPLACE FUNCTION genapi_tag_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                PERFORM genapi_change(14, NEW."ImageId", NULL, NEW."AccountId");
            ELSE
                PERFORM genapi_change(14, OLD."ImageId", NULL, OLD."AccountId");
            END IF;
            RETURN NULL;
        END $$
        """;

    private const string Variants = """
        CREATE OR REPLACE FUNCTION genapi_variant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM genapi_change(10, OLD."ImageId", NULL, NULL);
            RETURN NULL;
        END $$
        """;

    private const string Keys = """
        CREATE OR REPLACE FUNCTION genapi_key_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                PERFORM genapi_change(7, OLD."Id", OLD."Revision", OLD."Id");
            ELSE
                PERFORM genapi_change(7, NEW."Id", NEW."Revision", NEW."Id");
            END IF;
            RETURN NULL;
        END $$
        """;

    private const string Uploads = """
        CREATE OR REPLACE FUNCTION genapi_upload_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                PERFORM genapi_change(9, OLD."Id", NULL, OLD."OwnerId");
            ELSE
                PERFORM genapi_change(8, NEW."Id", NULL, NEW."OwnerId");
            END IF;
            RETURN NULL;
        END $$
        """;

    private const string Notices = """
        CREATE OR REPLACE FUNCTION genapi_notice_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM genapi_change(12, NEW."GenerationId", NEW."Number", NULL);
            RETURN NULL;
        END $$
        """;

    /// <summary>Records changes of models. They have no subject, because a model's details are held in memory by its name.</summary>
    private const string Models = """
        CREATE OR REPLACE FUNCTION genapi_model_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM genapi_change(13, '00000000-0000-0000-0000-000000000000', NULL, NULL);
            RETURN NULL;
        END $$
        """;

    private static string On(string table, string what, string events, string? condition = null, string suffix = "change") =>
        $"CREATE OR REPLACE TRIGGER genapi_{what}_{suffix} AFTER {events} ON \"{table}\" FOR EACH ROW "
            + (condition is null ? "" : $"WHEN ({condition}) ") + $"EXECUTE FUNCTION genapi_{what}_changed()";
}
